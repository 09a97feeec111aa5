import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import type { UpkeepOptions } from '../../maintenance.ts'

/** Keeps upkeep from taking the disk away from requests. */
export interface Pace {
  /** Resolves when that many bytes more fit into the budget. @throws the signal's reason */
  spend(bytes: number): Promise<void>
}

/** Leaves the greater part of any disk to requests, and reads a terabyte in some four hours. */
const BYTES_PER_SECOND = 64 * 1024 * 1024
/** Shorter waits are saved up: timers are coarse. */
const SHORTEST_WAIT_MS = 5

export type PaceOptions = Pick<UpkeepOptions, 'signal'> & {
  /** A function when it may change on the way. */
  readonly bytesPerSecond?: number | (() => number)
}

export function createPace(options: PaceOptions, clock: Clock): Pace {
  const { signal, bytesPerSecond = BYTES_PER_SECOND } = options
  const bytesPerMs = (): number =>
    (typeof bytesPerSecond === 'number' ? bytesPerSecond : bytesPerSecond()) / 1000
  let paidUntilMs = clock.monotonicMs()
  return {
    async spend(bytes) {
      signal?.throwIfAborted()
      const nowMs = clock.monotonicMs()
      paidUntilMs = Math.max(paidUntilMs, nowMs) + bytes / bytesPerMs()
      const aheadMs = paidUntilMs - nowMs
      if (aheadMs >= SHORTEST_WAIT_MS) await sleep(aheadMs, undefined, { signal, ref: false })
    },
  }
}
