import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import { createVersionId } from '../../version-id.ts'
import type { CommitStamp } from '../../write-plan.ts'

/** Gives out the store's sequence numbers: max(previous + 1, clock in nanoseconds). */
export interface Stamps {
  /** A stamp later than all before it. For use inside a commit. */
  next(): CommitStamp
  /**
   * A stamp for a version whose record must be on disk before its commit, which may come after
   * commits with later stamps. Each further attempt looks further ahead, so that it ends.
   */
  ahead(attempt: number): CommitStamp
  /** Stamps in a row, as `ahead`; to be committed only while `isAhead` holds for the first. */
  rowAhead(attempt: number, count: number): readonly CommitStamp[]
  /** Whether nothing was committed with this stamp or a later one. */
  isAhead(stamp: CommitStamp): boolean
  /** A stamp from `ahead` was committed: those after it must be later. */
  observe(stamp: CommitStamp): void
}

const FIRST_MARGIN_NS = 50_000_000n

function marginOf(attempt: number): bigint {
  return attempt === 0 ? 0n : FIRST_MARGIN_NS << BigInt(attempt - 1)
}

export function createStamps(options: {
  readonly last: bigint
  readonly clock: Clock
  readonly random: Random
}): Stamps {
  const { clock, random } = options
  let { last } = options
  const following = (): bigint => {
    const now = clock.nowNs()
    return now > last ? now : last + 1n
  }
  const stampOf = (sequence: bigint): CommitStamp => ({
    sequence,
    at: new Date(clock.now()),
    versionId: createVersionId(sequence, random),
  })
  return {
    next() {
      last = following()
      return stampOf(last)
    },
    ahead: (attempt) => stampOf(following() + marginOf(attempt)),
    rowAhead(attempt, count) {
      const first = following() + marginOf(attempt)
      return Array.from({ length: count }, (_, place) => stampOf(first + BigInt(place)))
    },
    isAhead: ({ sequence }) => sequence > last,
    observe({ sequence }) {
      if (sequence > last) last = sequence
    },
  }
}
