import { NOBODY } from '../change-feed.ts'
import type { Committer } from './catalog/committer.ts'
import type { BodyId, DiskBodies } from './bodies/bodies.ts'
import { encodeNumber } from './catalog/key-encoding.ts'
import { decodeBodyNumbers, encodeBodyNumbers } from './catalog/row-codecs.ts'
import type { Tables } from './catalog/tables.ts'
import type { Draft } from './catalog/draft.ts'

/**
 * Gives out the numbers of bodies, rising and never twice. The catalog knows between which two a
 * body may lie on disk that nothing names, so that opening looks only there.
 */
export interface BodyNumbers {
  /** A new number, under way until `settle`. */
  take(): Promise<BodyId>
  /** The body with this number is committed or discarded. */
  settle(id: BodyId): void
  /** Whether the body may still be committed or discarded; compaction passes over it. */
  isUnderWay(id: BodyId): boolean
  /** Moves the reserved numbers on when few are left. */
  draftReservation(draft: Draft): void
  /** Drafts that nothing is under way: the store closes. */
  draftClean(draft: Draft): void
}

/**
 * How many numbers are reserved at a time: a crash makes the next opening look for as many files.
 */
const BLOCK = 1024n
export const BODY_NUMBERS_ROW: Buffer = Buffer.from('body-numbers')
/** Zero stands for no body. */
const FIRST_ID = 1n

export function createBodyNumbers(
  tables: Tables,
  committer: () => Pick<Committer, 'commit'>,
): BodyNumbers {
  const underWay = new Set<BodyId>()
  let { limit } = readRow(tables)
  let next = limit
  /** What the last drafted row says; usable when its commit has come. */
  const extend = (): Promise<void> => committer().commit(NOBODY, () => undefined)
  const floor = (): BodyId => {
    for (const oldest of underWay) return oldest
    return next
  }
  const draftRow = (draft: Draft, newLimit: BodyId): void => {
    draft.put(tables.meta, BODY_NUMBERS_ROW, encodeBodyNumbers({ floor: floor(), limit: newLimit }))
  }
  return {
    async take() {
      while (next >= limit) {
        await extend()
        limit = readRow(tables).limit
      }
      const id = next
      next += 1n
      underWay.add(id)
      return id
    },
    settle(id) {
      underWay.delete(id)
    },
    isUnderWay: (id) => underWay.has(id),
    draftReservation(draft) {
      limit = readRow(tables).limit
      if (limit - next < BLOCK / 2n) draftRow(draft, next + BLOCK)
    },
    draftClean(draft) {
      draftRow(draft, next)
    },
  }
}

/** Removes the files of bodies that were under way when the process ended. Gives how many. */
export async function sweepOrphans(tables: Tables, bodies: DiskBodies): Promise<number> {
  const { floor, limit } = readRow(tables)
  let removed = 0
  for await (const id of bodies.files.list(floor)) {
    if (id >= limit || tables.blobs.get(encodeNumber(id)) !== undefined) continue
    await bodies.release(id, { kind: 'file' })
    removed += 1
  }
  return removed
}

function readRow(tables: Tables): { readonly floor: BodyId; readonly limit: BodyId } {
  const bytes = tables.meta.get(BODY_NUMBERS_ROW)
  return bytes === undefined ? { floor: FIRST_ID, limit: FIRST_ID } : decodeBodyNumbers(bytes)
}
