/** Files below a folder, and where the keys of objects go in one. */
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TransferError } from '../s3/s3-failure.ts'

export type LocalFile = {
  readonly path: string
  /** Below the folder, with slashes. */
  readonly name: string
}

/** What `downloadFile` leaves when it is interrupted. */
const PARTIAL_NAME = /^\..*\.[0-9a-f]{16}\.coffer-part$/

/** Links to files are followed; those to folders are not, since they may lead in circles. */
export async function* walkFiles(folder: string, prefix = ''): AsyncGenerator<LocalFile> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name)
    const name = prefix + entry.name
    const isFile = entry.isFile() || (entry.isSymbolicLink() && (await findKind(path)) === 'file')
    if (entry.isDirectory()) yield* walkFiles(path, `${name}/`)
    else if (isFile && !PARTIAL_NAME.test(entry.name)) yield { path, name }
  }
}

export type PathKind = 'file' | 'folder' | 'nothing'

/** What is at a path; whatever is neither is as good as nothing. */
export async function findKind(path: string): Promise<PathKind> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return 'folder'
  return found?.isFile() === true ? 'file' : 'nothing'
}

/**
 * Where the object goes, which is inside the folder whatever its key is.
 * @throws TransferError `UnsafeKey` for a key that is no path of a file there
 */
export function pathInFolder(folder: string, key: string): string {
  const steps = key.split('/')
  const isPath = steps.every((step) => !['', '.', '..'].includes(step) && !step.includes('\0'))
  if (isPath) return join(folder, ...steps)
  throw new TransferError(
    'UnsafeKey',
    `The key ${JSON.stringify(key)} is no path of a file in ${folder}. Copy it by itself to a name.`,
  )
}
