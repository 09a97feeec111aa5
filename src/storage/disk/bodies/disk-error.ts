import { StorageError } from '../../storage-error.ts'
import { isErrno } from './disk.ts'

/** Turns what the system answered to a write or sync into what a store says. */
export interface WriteErrors {
  /** Passes while no write has failed. @throws StorageError `StoreFailed` afterwards */
  assertWritable(): void
  /** What to throw; reports the failure when it is one after which nothing can be trusted. */
  translate(error: unknown, doing: string): Error
}

/** A disk that is full, or a user's share of it, can be helped; anything else needs a restart. */
export function isDiskFull(error: unknown): boolean {
  return isErrno(error, 'ENOSPC', 'EDQUOT')
}

export function createWriteErrors(fail: (error: StorageError) => void): WriteErrors {
  let failure: StorageError | undefined
  return {
    assertWritable() {
      if (failure === undefined) return
      throw new StorageError('StoreFailed', failure.message, { cause: failure })
    },
    translate(error, doing) {
      if (error instanceof StorageError) return error
      if (isDiskFull(error)) {
        return new StorageError('StorageFull', `No space is left for ${doing}. Delete something.`, {
          cause: error,
        })
      }
      if (isErrno(error, 'EMFILE', 'ENFILE')) {
        return new StorageError(
          'StoreFailed',
          `Too many files are open for ${doing}. Raise the limit of open files.`,
          { cause: error },
        )
      }
      const failed = new StorageError(
        'StoreFailed',
        `The disk failed at ${doing}. Writes are refused until a restart; check the disk first.`,
        { cause: error },
      )
      if (failure === undefined) {
        failure = failed
        fail(failed)
      }
      return failed
    },
  }
}

/** Bytes that are not what was written. Says where, and what to do. */
export function damaged(what: string, cause?: unknown): StorageError {
  return new StorageError(
    'Damaged',
    `${what}. Run \`coffer scrub\` to find everything that is damaged, then restore it from a backup.`,
    cause === undefined ? {} : { cause },
  )
}
