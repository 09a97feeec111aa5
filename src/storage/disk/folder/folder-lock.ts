import { DatabaseSync } from 'node:sqlite'
import { StorageError } from '../../storage-error.ts'

/** Held by at most one process; the kernel lets go of it when the process ends, however it ends. */
export interface FolderLock {
  release(): void
}

/** @see https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5

/**
 * Takes the lock that lies in a file, made when missing; docs/decisions/0005 says why it is
 * SQLite's.
 * @throws StorageError `StoreInUse` when another process, or this one, holds it
 */
export function lockFolder(folder: string, file: string): FolderLock {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    throw new StorageError(
      'StoreInUse',
      `Another process has opened ${folder}. Stop it first, or ask it over the network.`,
      { cause: error },
    )
  }
  return { release: () => database.close() }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
