// Whether each body counts right how many rows name it. The store goes on meanwhile, so only a
// count that is wrong twice, in a row that did not change in between, is told.
import type { Finding } from '../../maintenance.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { decodeNumber, encodeNumber } from '../catalog/key-encoding.ts'
import {
  decodeBlobRow,
  decodePartRow,
  decodePartsOf,
  decodeVersionRow,
} from '../catalog/row-codecs.ts'
import type { Tables } from '../catalog/tables.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import { readPages, tryDecode } from './table-pages.ts'
import type { UpkeepState } from './upkeep-state.ts'

/**
 * So many bodies are counted in one walk over the rows: what bounds the memory that a scrub takes.
 */
const BODIES_IN_WALK = 1_000_000

type Walk = { readonly tables: Tables; readonly signal: AbortSignal | undefined }
type Counts = Map<BodyId, { readonly expected: number; found: number }>

export async function* scrubCounts(
  { tables }: UpkeepState,
  { signal }: ScrubProgress,
): AsyncGenerator<Finding, void> {
  let counts: Counts = new Map()
  for await (const rows of readPages(tables.blobs, signal)) {
    for (const { key, value } of rows) {
      const references = tryDecode(() => decodeBlobRow(value))?.references
      if (references !== undefined)
        counts.set(decodeNumber(key), { expected: references, found: 0 })
    }
    if (counts.size < BODIES_IN_WALK) continue
    yield* compare({ tables, signal }, counts)
    counts = new Map()
  }
  yield* compare({ tables, signal }, counts)
}

async function* compare(walk: Walk, counts: Counts): AsyncGenerator<Finding, void> {
  const first = await findWrong(walk, counts)
  const twice = await findWrong(walk, first)
  for (const [id, { expected, found }] of twice) {
    const message = `Body ${id.toString(16)} counts ${expected} rows that name it; there are ${found}.`
    yield { kind: 'count', message, body: id.toString(16), objects: [] }
  }
}

/** Those whose row says after the walk what it said before, and not what the walk has counted. */
async function findWrong(walk: Walk, counts: Counts): Promise<Counts> {
  if (counts.size === 0) return counts
  for (const count of counts.values()) count.found = 0
  const note = (id: BodyId | undefined): void => {
    const count = id === undefined ? undefined : counts.get(id)
    if (count !== undefined) count.found += 1
  }
  await walkNames(walk, note)
  const wrong: Counts = new Map()
  for (const [id, count] of counts) {
    if (count.expected === count.found) continue
    const bytes = walk.tables.blobs.get(encodeNumber(id))
    const row = bytes && tryDecode(() => decodeBlobRow(bytes))
    if (row?.references === count.expected) wrong.set(id, count)
  }
  return wrong
}

async function walkNames(
  { tables, signal }: Walk,
  note: (id: BodyId | undefined) => void,
): Promise<void> {
  const nowhere = { bucket: '', key: '', sequence: 0n }
  for await (const rows of readPages(tables.versions, signal)) {
    for (const { value } of rows) {
      const version = tryDecode(() => decodeVersionRow(nowhere, value))
      note(version?.body)
      note(version?.manifest)
    }
  }
  for await (const rows of readPages(tables.parts, signal)) {
    for (const { value } of rows) {
      const part = tryDecode(() => decodePartRow(0, value))
      note(part?.body)
      note(part?.manifest)
    }
  }
  for await (const rows of readPages(tables['parts-of'], signal)) {
    for (const { value } of rows) {
      for (const { body } of tryDecode(() => decodePartsOf(value)) ?? []) note(body)
    }
  }
}
