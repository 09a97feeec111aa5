import { setTimeout as sleep } from 'node:timers/promises'
import { isStorageError } from '../../storage-error.ts'
import { type CompactionOptions, measureSegments, totalsOf } from './compact.ts'
import type { UpkeepState } from './upkeep-state.ts'

/** Compaction that goes on by itself while the store is open. */
export interface BackgroundCompaction {
  /** Resolves when it has ended; it does not begin again. */
  stop(): Promise<void>
}

/**
 * Segments are rewritten from the first ratio on, and down to it; from the second, in more of a
 * hurry.
 */
const TARGET_RATIO = 1.2
const HURRY_RATIO = 1.3
/** Below this there is nothing to win. */
const SMALLEST_WASTE_BYTES = 16 * 1024 * 1024
const BYTES_PER_SECOND = 32 * 1024 * 1024
const HURRIED_BYTES_PER_SECOND = 256 * 1024 * 1024
const INTERVAL_MS = 5000

export function startBackgroundCompaction(
  state: UpkeepState,
  compact: (options: CompactionOptions) => Promise<unknown>,
): BackgroundCompaction {
  const stopping = new AbortController()
  const { signal } = stopping
  const round = async (): Promise<void> => {
    const { totalBytes, liveBytes } = totalsOf(await measureSegments(state))
    if (totalBytes - liveBytes < SMALLEST_WASTE_BYTES) return
    if (totalBytes <= liveBytes * TARGET_RATIO) return
    const isHurried = totalBytes > liveBytes * HURRY_RATIO
    const bytesPerSecond = isHurried ? HURRIED_BYTES_PER_SECOND : BYTES_PER_SECOND
    await compact({ signal, bytesPerSecond, targetRatio: TARGET_RATIO })
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await sleep(INTERVAL_MS, undefined, { signal, ref: false })
        await round()
      } catch (error) {
        if (isStorageError(error, 'StoreFailed', 'Closed')) return
        if (!signal.aborted) state.log.warn('compaction was put off', { error })
      }
    }
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
