/** Files on disk, to be compared with what a client brings back. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'

export type LocalFile = {
  /** Its path from the folder, with slashes: the key that it is given. */
  readonly name: string
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** All files below a folder, in the order in which S3 lists their names. */
export async function readFolder(folder: string): Promise<readonly LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const { size } = await stat(path)
      const sha256 = await sha256Of(createReadStream(path))
      return { name: relative(folder, path), path, size, sha256 }
    })
  const read = await Promise.all(files)
  return read.toSorted((one, other) =>
    Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)),
  )
}

export async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}
