// Lets so many in at once. A few more may wait for a short time, in the order in which they came.
import { createLimiter, type LimiterCounts } from './limiter.ts'

export type GateLimits = {
  readonly insideMax: number
  readonly waitingMax: number
  readonly waitMs: number
}

export type GateCounts = LimiterCounts & { readonly waiting: number }

/** Who is inside leaves once. */
export interface Gate {
  /** Whether to come in: at once where it is known at once, or after a wait. */
  enter(): boolean | Promise<boolean>
  leave(): void
  counts(): GateCounts
}

type Waiter = { readonly admit: (isIn: boolean) => void; readonly timer: NodeJS.Timeout }

/** A gate with nobody inside. */
export function createGate({ insideMax, waitingMax, waitMs }: GateLimits): Gate {
  const inside = createLimiter(insideMax)
  // A set keeps the order of arrival and forgets those who give up.
  const waiters = new Set<Waiter>()
  let refused = 0
  const isFull = (): boolean => inside.counts().used >= insideMax
  const wait = (): Promise<boolean> =>
    new Promise((resolve) => {
      const waiter: Waiter = {
        admit: (isIn) => {
          waiters.delete(waiter)
          clearTimeout(waiter.timer)
          if (!isIn) refused += 1
          resolve(isIn)
        },
        timer: setTimeout(() => waiter.admit(false), waitMs).unref(),
      }
      waiters.add(waiter)
    })
  return {
    enter() {
      if (!isFull()) return inside.take(1)
      if (waiters.size < waitingMax) return wait()
      refused += 1
      return false
    },
    leave() {
      const [next] = waiters
      // The place goes from hand to hand, so that nobody who comes now takes it before.
      if (next === undefined) inside.give(1)
      else next.admit(true)
    },
    counts: () => ({ ...inside.counts(), refused, waiting: waiters.size }),
  }
}
