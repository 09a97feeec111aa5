// How a segment loses what still lives in it. Whatever happens in between, at a kill too: the
// catalog names the old place until a commit names the new one, and both hold the same bytes until
// then.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { NOBODY } from '../../change-feed.ts'
import { isStorageError } from '../../storage-error.ts'
import type { BodyPlace, SegmentPlace, StoredBody } from '../bodies/bodies.ts'
import { getLiveBytes } from '../catalog/catalog.ts'
import { encodeNumber } from '../catalog/key-encoding.ts'
import { decodeBlobRow, decodePlace } from '../catalog/row-codecs.ts'
import type { Tables } from '../catalog/tables.ts'
import type { Pace } from './pace.ts'
import type { UpkeepState } from './upkeep-state.ts'

/**
 * `emptied`: nothing lives in it any more. `busy`: a write that may still name it is under way.
 * `damaged`: something in it cannot be moved.
 */
export type Emptying = {
  readonly outcome: 'emptied' | 'busy' | 'damaged'
  readonly bytesMoved: number
}

type Entry = StoredBody & { readonly place: SegmentPlace }
type Move = { readonly entry: Entry; readonly place: BodyPlace }

/** What is moved by one commit, at most: writes wait behind it where they share a segment. */
const BATCH_ENTRIES = 256
const BATCH_BYTES = 2 * 1024 * 1024
/** While one batch is read another is written, and a third is committed. */
const LANES = 3

/** Moves everything alive out of a segment that is not written to any more. */
export async function emptySegment(
  state: UpkeepState,
  segment: number,
  pace: Pace,
): Promise<Emptying> {
  const entries = await listEntries(state, segment)
  // Asked before the rows are read: a body that is not under way now is committed already, or
  // never.
  if (entries.some(({ id }) => state.numbers.isUnderWay(id))) {
    return { outcome: 'busy', bytesMoved: 0 }
  }
  let bytesMoved = 0
  let isDamaged = false
  const batches = batchesOf(entries)
  await inLanes(async () => {
    for (const batch of batches) {
      // Reads show one moment per turn of the event loop; this one is later than the question
      // above.
      await nextTurn()
      const alive = batch.filter((entry) => isAt(state.tables, entry))
      const moves = await moveAll(state, alive, pace)
      if (moves.length < alive.length) isDamaged = true
      await commitMoves(state, moves)
      bytesMoved += moves.reduce((total, { entry }) => total + entry.place.length, 0)
    }
  })
  const isEmpty = !isDamaged && getLiveBytes(state.tables, segment) === 0
  return { outcome: isEmpty ? 'emptied' : 'damaged', bytesMoved }
}

/** Resolves or rejects when all lanes have come to their end: none goes on behind an error. */
async function inLanes(work: () => Promise<void>): Promise<void> {
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, work))
  const failed = lanes.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function* batchesOf(entries: readonly Entry[]): Generator<readonly Entry[], void> {
  let batch: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    const { length } = entry.place
    if (batch.length === BATCH_ENTRIES || bytes + length > BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(entry)
    bytes += length
  }
  if (batch.length > 0) yield batch
}

async function listEntries(state: UpkeepState, segment: number): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for await (const { stored } of state.bodies.segments.walk(segment)) {
    const { place } = stored
    if (place.kind === 'segment') entries.push({ ...stored, place })
  }
  return entries
}

async function moveAll(
  { bodies, log }: UpkeepState,
  entries: readonly Entry[],
  pace: Pace,
): Promise<readonly Move[]> {
  const moved = await Promise.all(
    entries.map(async (entry) => {
      // Read once and written once.
      await pace.spend(2 * entry.place.length)
      try {
        return { entry, place: await bodies.segments.move(entry) }
      } catch (error) {
        if (!isStorageError(error, 'Damaged')) throw error
        log.error('a damaged body stays where it is', { error })
        return undefined
      }
    }),
  )
  return moved.filter((move) => move !== undefined)
}

/** Names the new places. A body that died meanwhile stays dead, and its copy with it. */
async function commitMoves(state: UpkeepState, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return
  const stillborn = await state.committer.commit(NOBODY, (draft) => {
    const [alive, dead] = partition(moves, ({ entry }) => isAt(draft.tables, entry))
    for (const { entry, place } of alive) draft.moveBody(entry.id, place)
    return dead
  })
  for (const { entry, place } of stillborn) await state.bodies.release(entry.id, place)
}

/** Whether the catalog says that the body lies in this very place. */
function isAt(tables: Tables, { id, place }: Entry): boolean {
  const bytes = tables.blobs.get(encodeNumber(id))
  return bytes !== undefined && isSamePlace(decodeBlobRow(bytes).place, place)
}

function isSamePlace(place: { readonly kind: string }, other: SegmentPlace): boolean {
  return (
    place.kind === 'segment' &&
    'segment' in place &&
    'offset' in place &&
    place.segment === other.segment &&
    place.offset === other.offset
  )
}

/** Whether nothing names an emptied segment: no garbage either that waits for its readers. */
export function isForgotten(tables: Tables, segment: number): boolean {
  for (const { value } of tables.garbage.getRange({})) {
    const place = decodePlace(value)
    if (place.kind === 'segment' && place.segment === segment) return false
  }
  return true
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [Item[], Item[]] {
  const first: Item[] = []
  const second: Item[] = []
  for (const item of items) (isFirst(item) ? first : second).push(item)
  return [first, second]
}
