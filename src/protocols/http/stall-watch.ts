// Finds peers that stop or crawl. One sweep over everyone who waits, instead of a timer per chunk.
import type { Clock } from '../../base/clock.ts'

/** When a transfer counts as stalled. */
export type StallLimits = {
  /** The longest time without a single byte. */
  readonly idleMs: number
  /** The slowest average over `windowMs` of waiting; 0 for any speed. */
  readonly minBytesPerSecond: number
  readonly windowMs: number
}

/** One transfer. Only the time between `wait` and `progress` counts: it is the peer's, not ours. */
export interface WatchedTransfer {
  wait(): void
  progress(sizeBytes: number): void
  end(): void
}

/** Everyone who waits, and the sweep over them. */
export interface StallWatch {
  /** Begins to watch a transfer; `onStall` is called at most once, and ends it. */
  watch(onStall: () => void): WatchedTransfer
  /** Looks at everyone who waits. */
  sweep(): void
}

type Transfer = {
  readonly onStall: () => void
  waitingSinceMs: number | undefined
  windowWaitedMs: number
  windowBytes: number
}

/** A watch without transfers. Nothing happens unless `sweep` is called again and again. */
export function createStallWatch(limits: StallLimits, clock: Clock): StallWatch {
  const transfers = new Set<Transfer>()
  return {
    watch(onStall) {
      const transfer: Transfer = {
        onStall,
        waitingSinceMs: undefined,
        windowWaitedMs: 0,
        windowBytes: 0,
      }
      transfers.add(transfer)
      return {
        wait() {
          transfer.waitingSinceMs = clock.monotonicMs()
        },
        progress(sizeBytes) {
          transfer.windowBytes += sizeBytes
          if (transfer.waitingSinceMs === undefined) return
          transfer.windowWaitedMs += clock.monotonicMs() - transfer.waitingSinceMs
          transfer.waitingSinceMs = undefined
        },
        end: () => void transfers.delete(transfer),
      }
    },
    sweep() {
      const nowMs = clock.monotonicMs()
      for (const transfer of transfers) {
        if (!isStalled(transfer, { nowMs, limits })) continue
        transfers.delete(transfer)
        transfer.onStall()
      }
    },
  }
}

type Moment = { readonly nowMs: number; readonly limits: StallLimits }

function isStalled(transfer: Transfer, { nowMs, limits }: Moment): boolean {
  const { waitingSinceMs } = transfer
  const waitedMs = waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs
  if (waitedMs >= limits.idleMs) return true
  const windowMs = transfer.windowWaitedMs + waitedMs
  if (windowMs < limits.windowMs) return false
  if (transfer.windowBytes * 1000 < limits.minBytesPerSecond * windowMs) return true
  transfer.windowWaitedMs = 0
  transfer.windowBytes = 0
  if (waitingSinceMs !== undefined) transfer.waitingSinceMs = nowMs
  return false
}
