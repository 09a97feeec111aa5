import { DatabaseSync } from 'node:sqlite'
import { StorageError } from '../../storage-error.ts'

/** Held by at most one process; the kernel lets go of it when the process ends, however it ends. */
export interface FolderLock {
  release(): void
}

/** @see https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_CANTOPEN = 14

/**
 * Takes the lock that lies in a file, made when missing; docs/decisions/0005 says why it is
 * SQLite's.
 * @throws StorageError `StoreInUse` when another process, or this one, holds it
 */
export function lockFolder(folder: string, file: string): FolderLock {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const locked = database
    return { release: () => locked.close() }
  } catch (error) {
    database?.close()
    throw explainLock(folder, file, error)
  }
}

function explainLock(folder: string, file: string, error: unknown): unknown {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  if (code === SQLITE_BUSY) {
    return new StorageError(
      'StoreInUse',
      `Another process has opened ${folder}. Stop it first, or ask it over the network.`,
      { cause: error },
    )
  }
  if (code === SQLITE_CANTOPEN || code === SQLITE_READONLY) {
    return new StorageError(
      'ReadOnly',
      `${file} cannot be written to. Give the user that runs Coffer read and write access to ` +
        `${folder} and all below it.`,
      { cause: error },
    )
  }
  return error
}
