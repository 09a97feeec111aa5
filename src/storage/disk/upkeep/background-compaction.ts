import { setTimeout as sleep } from 'node:timers/promises'
import { isStorageError } from '../../storage-error.ts'
import { type CompactionOptions, measureSegments, totalsOf } from './compact.ts'
import type { UpkeepState } from './upkeep-state.ts'

/** Compaction that goes on by itself while the store is open. */
export interface BackgroundCompaction {
  /** Resolves when it has ended; it does not begin again. */
  stop(): Promise<void>
}

/** Segments are rewritten when they take so many times what lives in them, and down to it. */
const TARGET_RATIO = 1.15
/**
 * From here on as fast as it goes; in between, the faster the more there is to win. So under steady
 * overwrites it finds the pace that just keeps up: the later a segment is rewritten, the less in it
 * is still alive.
 */
const URGENT_RATIO = 1.22
const SLOWEST_BYTES_PER_SECOND = 16 * 1024 * 1024
const FASTEST_BYTES_PER_SECOND = 1024 * 1024 * 1024
/** Below this there is nothing to win. */
const SMALLEST_WASTE_BYTES = 16 * 1024 * 1024

/** One that is rewritten lies there twice for a while, so small stores have small segments. */
const SMALLEST_SEGMENT_BYTES = 16 * 1024 * 1024
const SEGMENT_SHARE = 1 / 32

/** Looking costs a call for each segment; where they are thousands, the ratio moves slowly. */
const SHORTEST_INTERVAL_MS = 500
const INTERVAL_PER_SEGMENT_MS = 1

type Compact = (options: CompactionOptions) => Promise<unknown>

export function startBackgroundCompaction(
  state: UpkeepState,
  compact: Compact,
): BackgroundCompaction {
  const stopping = new AbortController()
  const { signal } = stopping
  let intervalMs = SHORTEST_INTERVAL_MS
  let bytesPerSecond = SLOWEST_BYTES_PER_SECOND
  let compacting: Promise<void> | undefined
  /** The commit that was the newest at the last look. */
  let seen: number | undefined

  const look = async (): Promise<void> => {
    const segments = await measureSegments(state)
    intervalMs = Math.max(SHORTEST_INTERVAL_MS, segments.length * INTERVAL_PER_SEGMENT_MS)
    const { totalBytes, liveBytes } = totalsOf(segments)
    state.bodies.segments.limitTo(Math.max(SMALLEST_SEGMENT_BYTES, liveBytes * SEGMENT_SHARE))
    bytesPerSecond = speedAt(totalBytes / Math.max(1, liveBytes))
    if (totalBytes - liveBytes < SMALLEST_WASTE_BYTES) return
    if (totalBytes <= liveBytes * TARGET_RATIO) return
    compacting ??= attempt(() =>
      compact({ signal, bytesPerSecond: () => bytesPerSecond, targetRatio: TARGET_RATIO }),
    ).finally(() => (compacting = undefined))
  }
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      if (isStorageError(error, 'StoreFailed', 'Closed')) stopping.abort()
      if (!signal.aborted) state.log.warn('compaction was put off', { error })
      seen = undefined
    }
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await attempt(() => sleep(intervalMs, undefined, { signal, ref: false }))
      const newest = signal.aborted ? seen : findNewestCommit(state)
      if (newest === seen) continue
      seen = newest
      await attempt(look)
    }
    await compacting
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** A store at rest is not looked at again and again. */
function findNewestCommit({ tables }: UpkeepState): number | undefined {
  const { lastTxnId }: { readonly lastTxnId?: number } = tables.environment.getStats()
  return lastTxnId
}

function speedAt(ratio: number): number {
  const urgency = (ratio - TARGET_RATIO) / (URGENT_RATIO - TARGET_RATIO)
  const share = Math.min(1, Math.max(0, urgency))
  return SLOWEST_BYTES_PER_SECOND + share * (FASTEST_BYTES_PER_SECOND - SLOWEST_BYTES_PER_SECOND)
}
