import { statfs } from 'node:fs/promises'
import type { Clock } from '../../../base/clock.ts'
import { StorageError } from '../../storage-error.ts'

/** Keeps space in reserve, since lmdb copies pages: a disk without any could not even delete. */
export interface FreeSpace {
  /**
   * Sets aside room for a write; the function it gives takes that back when the write has ended.
   * @throws StorageError `StorageFull` when less than the reserve would be left
   */
  claim(sizeBytes: number): Promise<() => void>
}

const MAX_AGE_MS = 100

export function createFreeSpace(options: {
  readonly folder: string
  readonly reserveBytes: number
  readonly clock: Clock
}): FreeSpace {
  const { folder, reserveBytes, clock } = options
  let freeBytes = 0
  let measuredAtMs = -Infinity
  let claimedBytes = 0
  let measuring: Promise<void> | undefined
  const measure = async (): Promise<void> => {
    const { bavail, bsize } = await statfs(folder)
    freeBytes = bavail * bsize
    measuredAtMs = clock.monotonicMs()
    measuring = undefined
  }
  return {
    async claim(sizeBytes) {
      if (clock.monotonicMs() - measuredAtMs > MAX_AGE_MS) await (measuring ??= measure())
      if (freeBytes - claimedBytes - sizeBytes < reserveBytes) {
        throw new StorageError(
          'StorageFull',
          `Less than the reserve of ${reserveBytes} bytes is left in ${folder}. Delete something, ` +
            'or make the disk larger.',
        )
      }
      claimedBytes += sizeBytes
      return () => {
        claimedBytes -= sizeBytes
      }
    },
  }
}
