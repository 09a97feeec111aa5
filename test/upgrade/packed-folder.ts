/** A folder in one small file: lines of JSON, compressed, so that it fits in the repository. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

type Entry = { readonly path: string; readonly base64: string }

export async function packFolder(folder: string, file: string): Promise<void> {
  const lines: string[] = []
  for (const path of await listFiles(folder)) {
    const entry: Entry = { path, base64: (await readFile(join(folder, path))).toString('base64') }
    lines.push(JSON.stringify(entry))
  }
  await writeFile(file, gzipSync(lines.join('\n'), { level: 9 }))
}

/** The folder is there as it was packed; nobody else may read it, as the server has it. */
export async function unpackFolder(file: string, folder: string): Promise<void> {
  for (const line of gunzipSync(await readFile(file))
    .toString()
    .split('\n')) {
    const { path, base64 }: Entry = JSON.parse(line)
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 })
    await writeFile(join(folder, path), Buffer.from(base64, 'base64'), { mode: 0o600 })
  }
}

export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}
