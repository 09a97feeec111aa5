// How much is done at once: requests, those of one caller, bytes of documents. Beyond it clients
// hear that they should come back a second later, before anything was read or done.
import { createGate, type GateCounts } from '../../../base/gate.ts'
import {
  createLimiter,
  createShares,
  type Limiter,
  type LimiterCounts,
} from '../../../base/limiter.ts'
import type { HttpLimits } from '../http-limits.ts'
import { AdmissionError } from './admission-error.ts'

/** What one request takes up, from its beginning to its end. */
export interface Visit {
  /** Whether there is room for it; waits for a while when there is none. */
  enter(): boolean | Promise<boolean>
  /**
   * The request is counted to whoever sent it, and no longer to whom it was counted before.
   * @throws AdmissionError `CallerBusy`
   */
  countTo(caller: string): void
  /**
   * The request has so many more bytes in memory until it ends.
   * @throws AdmissionError `MemoryBusy`
   */
  hold(sizeBytes: number): void
  /** All that it took is free again. What it takes afterwards is refused. */
  leave(): void
}

export type AdmissionCounts = {
  /** Requests under way. */
  readonly requests: GateCounts
  /** Callers that have requests under way. */
  readonly callers: LimiterCounts
  /** Bytes of documents in memory. */
  readonly documentBytes: LimiterCounts
  /** Bytes of answers that clients have not taken. */
  readonly unsentBytes: LimiterCounts
}

/** The limits of a server, and who is inside them. */
export interface Admission {
  /** A request that has come and taken nothing yet. Whoever opens a visit has it leave. */
  open(): Visit
  /** Room for what is left of answers that were made whole. */
  readonly unsent: Limiter
  counts(): AdmissionCounts
}

export type AdmissionLimits = Pick<
  HttpLimits,
  | 'requests'
  | 'requestsWaiting'
  | 'requestWaitMs'
  | 'requestsOfCaller'
  | 'documentsSizeBytes'
  | 'unsentSizeBytes'
>

/** A server that does nothing yet. */
export function createAdmission(limits: AdmissionLimits): Admission {
  const gate = createGate({
    insideMax: limits.requests,
    waitingMax: limits.requestsWaiting,
    waitMs: limits.requestWaitMs,
  })
  const callers = createShares(limits.requestsOfCaller)
  const documents = createLimiter(limits.documentsSizeBytes)
  const unsent = createLimiter(limits.unsentSizeBytes)
  return {
    unsent,
    open: () => openVisit({ gate, callers, documents }),
    counts: () => ({
      requests: gate.counts(),
      callers: callers.counts(),
      documentBytes: documents.counts(),
      unsentBytes: unsent.counts(),
    }),
  }
}

type Room = {
  readonly gate: ReturnType<typeof createGate>
  readonly callers: ReturnType<typeof createShares>
  readonly documents: ReturnType<typeof createLimiter>
}

function openVisit({ gate, callers, documents }: Room): Visit {
  let isInside = false
  let hasLeft = false
  let caller: string | undefined
  let heldBytes = 0
  const noteEntry = (isIn: boolean): boolean => {
    // It may have left while it waited.
    if (isIn && hasLeft) gate.leave()
    isInside = isIn && !hasLeft
    return isInside
  }
  const release = (): void => {
    if (caller !== undefined) callers.give(caller)
    caller = undefined
  }
  return {
    enter() {
      const entering = gate.enter()
      return entering instanceof Promise ? entering.then(noteEntry) : noteEntry(entering)
    },
    countTo(name) {
      if (name === caller) return
      if (hasLeft || !callers.take(name)) throw new AdmissionError('CallerBusy')
      release()
      caller = name
    },
    hold(sizeBytes) {
      if (hasLeft || !documents.take(sizeBytes)) throw new AdmissionError('MemoryBusy')
      heldBytes += sizeBytes
    },
    leave() {
      hasLeft = true
      release()
      if (heldBytes > 0) documents.give(heldBytes)
      heldBytes = 0
      if (isInside) gate.leave()
      isInside = false
    },
  }
}
