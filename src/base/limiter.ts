// Counts what is in use and says when there is no more room. Whoever takes gives back, once.

/** How full something is, and how often it refused; counts of several threads can be added. */
export type LimiterCounts = {
  readonly used: number
  /** The most that was ever in use at once. */
  readonly usedMost: number
  readonly refused: number
}

/** Room for so much of something: requests, bytes. */
export interface Limiter {
  /** Whether there was room; then it is taken. */
  take(amount: number): boolean
  give(amount: number): void
  counts(): LimiterCounts
}

/** A limiter with all its room free. */
export function createLimiter(max: number): Limiter {
  let used = 0
  let usedMost = 0
  let refused = 0
  return {
    take(amount) {
      if (used + amount > max) {
        refused += 1
        return false
      }
      used += amount
      if (used > usedMost) usedMost = used
      return true
    },
    give(amount) {
      used -= amount
    },
    counts: () => ({ used, usedMost, refused }),
  }
}

/** The same room for everybody, by name. A name that uses nothing costs nothing. */
export interface Shares {
  /** Whether the name had room for one more; then it has it. */
  take(name: string): boolean
  give(name: string): void
  /** `used` are names that have something, `usedMost` is the most that one ever had. */
  counts(): LimiterCounts
}

/** Shares of which nobody has any. */
export function createShares(maxEach: number): Shares {
  const usedByName = new Map<string, { used: number }>()
  let usedMost = 0
  let refused = 0
  return {
    take(name) {
      const share = usedByName.get(name)
      if ((share?.used ?? 0) >= maxEach) {
        refused += 1
        return false
      }
      if (share === undefined) usedByName.set(name, { used: 1 })
      else share.used += 1
      usedMost = Math.max(usedMost, share?.used ?? 1)
      return true
    },
    give(name) {
      const share = usedByName.get(name)
      if (share === undefined) return
      share.used -= 1
      if (share.used === 0) usedByName.delete(name)
    },
    counts: () => ({ used: usedByName.size, usedMost, refused }),
  }
}
