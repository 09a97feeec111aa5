/** The folder of a store: what says that it is one, and why it cannot be opened. */
import { constants, existsSync } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StorageError } from '../../storage-error.ts'
import { isErrno } from '../bodies/disk.ts'

/** What `coffer.json` says. */
export type FolderDescription = {
  readonly format: 'coffer'
  readonly formatVersion: number
  readonly storeId: string
}

export const FORMAT_VERSION = 1

export const DESCRIPTION_FILE = 'coffer.json'
const UNFINISHED_FILE = 'coffer.json.new'
export const LOCK_FILE = 'lock'
export const CATALOG_FOLDER = 'catalog'
/** What lmdb calls its file. */
export const CATALOG_FILE = 'data.mdb'

/**
 * What a folder may hold before it is a store: our own first steps, and what file systems put
 * there.
 */
const IGNORED = new Set([
  LOCK_FILE,
  `${LOCK_FILE}-journal`,
  UNFINISHED_FILE,
  'address',
  'root-keys.json',
  'tls',
  'lost+found',
  '.DS_Store',
])

/**
 * Makes the folder when it is missing, and passes when it can be a store's.
 * @throws StorageError `ReadOnly` for a disk or folder that cannot be written to
 */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(resolve(folder))
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw explainAccess(folder, error)
  }
}

/**
 * The folder exists, and those above it. Node's own recursive way never ends where no folders can
 * be made, such as in /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (isErrno(error, 'EEXIST') && (await stat(folder)).isDirectory()) return
    if (!isErrno(error, 'ENOENT')) throw error
    const parent = dirname(folder)
    if (existsSync(parent)) {
      throw new StorageError('ReadOnly', `No folder can be made in ${parent}. Name another.`, {
        cause: error,
      })
    }
    await makeFolder(parent)
    await makeFolder(folder)
  }
}

/** lmdb gives the system's numbers where Node gives names. */
const LMDB_EACCES = '13'
const LMDB_EROFS = '30'

/** Says in a sentence why the folder cannot be used; what is not about access is given back. */
export function explainAccess(folder: string, error: unknown): unknown {
  if (isErrno(error, 'EROFS', LMDB_EROFS)) {
    return new StorageError(
      'ReadOnly',
      `${folder} lies on a read-only disk. Mount it writable; after an error, check it first.`,
      { cause: error },
    )
  }
  if (isErrno(error, 'EACCES', 'EPERM', LMDB_EACCES)) {
    return new StorageError(
      'ReadOnly',
      `No permission to write in ${folder}. Give the user that runs Coffer read and write access ` +
        'to it and all below it.',
      { cause: error },
    )
  }
  if (isErrno(error, 'ENOTDIR', 'EEXIST')) {
    return new StorageError('UnknownFormat', `${folder} is not a folder. Name another.`, {
      cause: error,
    })
  }
  return error
}

/**
 * What the folder says of itself; with a new id, an empty one is made a store's. The caller holds
 * the lock.
 * @throws StorageError `UnknownFormat` when it is not a store's, or of a later Coffer
 */
export async function describeFolder(
  folder: string,
  newStoreId: string | undefined,
): Promise<FolderDescription> {
  const found = await findDescription(folder)
  if (found !== undefined) return found
  if (newStoreId === undefined) {
    throw new StorageError('UnknownFormat', `${folder} is not a Coffer folder. Name one that is.`)
  }
  const strangers = (await readdir(folder)).filter((name) => !IGNORED.has(name))
  if (strangers.length > 0) {
    throw new StorageError(
      'UnknownFormat',
      `${folder} is not a Coffer folder but holds ${strangers[0]}. Name an empty or new folder.`,
    )
  }
  const description = {
    format: 'coffer',
    formatVersion: FORMAT_VERSION,
    storeId: newStoreId,
  } as const
  await writeDescription(folder, description)
  return description
}

async function findDescription(folder: string): Promise<FolderDescription | undefined> {
  const text = await readText(join(folder, DESCRIPTION_FILE))
  if (text === undefined) return undefined
  const { format, formatVersion, storeId } = parseDescription(folder, text)
  if (format !== 'coffer' || typeof storeId !== 'string') throw unreadable(folder)
  if (formatVersion === FORMAT_VERSION) return { format, formatVersion, storeId }
  throw new StorageError(
    'UnknownFormat',
    `${folder} has format version ${String(formatVersion)}; this Coffer reads ${FORMAT_VERSION}. Use the ` +
      'Coffer that wrote it, or a newer one.',
  )
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function parseDescription(folder: string, text: string): Partial<Record<string, unknown>> {
  try {
    const description: Partial<Record<string, unknown>> = JSON.parse(text)
    return description
  } catch (error) {
    throw unreadable(folder, error)
  }
}

function unreadable(folder: string, cause?: unknown): StorageError {
  return new StorageError(
    'UnknownFormat',
    `${join(folder, DESCRIPTION_FILE)} does not describe a Coffer store. Restore it from a backup.`,
    cause === undefined ? {} : { cause },
  )
}

/** Under its name there is all of it or nothing, also after a power cut. */
async function writeDescription(folder: string, description: FolderDescription): Promise<void> {
  const unfinished = join(folder, UNFINISHED_FILE)
  const file = await open(unfinished, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(description, undefined, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, join(folder, DESCRIPTION_FILE))
  await syncFolder(folder)
  await syncFolder(dirname(resolve(folder)))
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
