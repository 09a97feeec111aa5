/** Where the time comes from. Whoever needs it receives one, so tests can move it. */
export interface Clock {
  /** The wall clock, in milliseconds since 1970. It may jump, also backwards. */
  now(): number
  /** The wall clock in nanoseconds since 1970, though it may move by milliseconds. */
  nowNs(): bigint
  /**
   * Milliseconds since an arbitrary moment; never goes back. For durations, leases and timeouts.
   */
  monotonicMs(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicMs: () => performance.now(),
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  advance(byMs: number): void
}

export function createManualClock(startAt: Date): ManualClock {
  const startMs = startAt.getTime()
  let passedMs = 0
  return {
    now: () => startMs + passedMs,
    nowNs: () => BigInt(startMs + passedMs) * 1_000_000n,
    monotonicMs: () => passedMs,
    advance(byMs) {
      passedMs += byMs
    },
  }
}
