/** The file that tells where the folder's server answers; it is there while the server runs. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = 'address'

/** The URL of the folder's server; after a crash it may be one where nobody answers any more. */
export async function findAddress(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, NAME), 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whoever reads the file sees the whole address or none. */
export async function writeAddress(folder: string, url: string): Promise<void> {
  const path = join(folder, NAME)
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.new`, `${url}\n`)
  await rename(`${path}.new`, path)
}

export async function removeAddress(folder: string): Promise<void> {
  await rm(join(folder, NAME), { force: true })
}
