/**
 * Rows that a write wants to change. They are kept until the write has been decided as a whole,
 * since lmdb does not take back what was put before something throws.
 */
import type { Change, Origin } from '../../change-feed.ts'
import type { CommitStamp, PlannedChange } from '../../write-plan.ts'
import type { BodyId, BodyPlace } from '../bodies/bodies.ts'
import { getBlob, getLiveBytes, getPartsOf, peekBlob } from './catalog.ts'
import { encodeNumber } from './key-encoding.ts'
import {
  encodeBlobRow,
  encodeChange,
  encodeLiveBytes,
  encodePartsOf,
  encodePlace,
} from './row-codecs.ts'
import type { BlobRow, PartOfBody } from './rows.ts'
import type { Table, Tables } from './tables.ts'
import type { Stamps } from './stamps.ts'

/** A body outside the catalog that no row names any more. */
export type FreedBody = { readonly id: BodyId; readonly place: BodyPlace }

type Row = { readonly table: Table; readonly key: Buffer; readonly value: Buffer | undefined }

export type DraftContext = {
  readonly tables: Tables
  readonly stamps: Stamps
  /** Makes room in the feed, or throws `FeedFull`. */
  readonly admitChange: (draft: Draft) => void
}

/** lmdb refused a row, and with it the whole transaction: there was no space, or worse. */
export class RowsNotWritten extends Error {}

/** What one write changes, from its decision to its rows. Belongs to one transaction. */
export class Draft {
  readonly tables: Tables
  readonly freed: FreedBody[] = []
  /** How many changes it adds to the feed. */
  announced = 0
  readonly #context: DraftContext
  readonly #origin: Origin
  readonly #rows: Row[] = []
  readonly #newBodies = new Map<BodyId, Omit<BlobRow, 'references'>>()
  readonly #references = new Map<BodyId, number>()
  readonly #liveBytes = new Map<number, number>()

  constructor(context: DraftContext, origin: Origin) {
    this.tables = context.tables
    this.#context = context
    this.#origin = origin
  }

  /** A stamp later than those of all commits before. */
  stamp(): CommitStamp {
    return this.#context.stamps.next()
  }

  /** Takes a stamp that was drawn before the commit; what is stamped from now on is later. */
  observe(stamp: CommitStamp): void {
    this.#context.stamps.observe(stamp)
  }

  /** Whether a stamp that was drawn before is later than those of all commits so far. */
  isAhead(stamp: CommitStamp): boolean {
    return this.#context.stamps.isAhead(stamp)
  }

  put(table: Table, key: Buffer, value: Buffer): void {
    this.#rows.push({ table, key, value })
  }

  remove(table: Table, key: Buffer): void {
    this.#rows.push({ table, key, value: undefined })
  }

  /** Makes a body known, with one row that names it. */
  addBody(body: Omit<BlobRow, 'references'> & { readonly id: BodyId }): void {
    const { id, size, place } = body
    this.#newBodies.set(id, { size, place })
    this.link(id)
  }

  /** Makes a body known that consists of others, each named by it. */
  addBodyOfParts(id: BodyId, parts: readonly PartOfBody[]): void {
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    this.addBody({ id, size, place: { kind: 'parts' } })
    this.put(this.tables['parts-of'], encodeNumber(id), encodePartsOf(parts))
    for (const part of parts) this.link(part.body)
  }

  /** The body lies elsewhere now; what names it does not notice. */
  moveBody(id: BodyId, place: BodyPlace): void {
    const blob = getBlob(this.tables, id)
    this.#countLiveBytes(blob.place, -1)
    this.#countLiveBytes(place, 1)
    this.put(this.tables.blobs, encodeNumber(id), encodeBlobRow({ ...blob, place }))
  }

  /** One more row names the body. */
  link(id: BodyId): void {
    this.#references.set(id, (this.#references.get(id) ?? 0) + 1)
  }

  /** One row fewer names the body; with the last one it goes. */
  unlink(id: BodyId | undefined): void {
    if (id !== undefined) this.#references.set(id, (this.#references.get(id) ?? 0) - 1)
  }

  /** Adds an entry to the feed. @throws StorageError `FeedFull` */
  announce(planned: PlannedChange, { sequence, at }: CommitStamp): void {
    this.#context.admitChange(this)
    const change: Change = { formatVersion: 1, sequence, at, ...planned, origin: this.#origin }
    this.put(this.tables.changes, encodeNumber(sequence), encodeChange(change))
    this.announced += 1
  }

  /** Drafts what follows for bodies that are named more or less often. May throw. */
  settle(): void {
    this.#settleReferences()
    this.#settleLiveBytes()
  }

  /** Writes the rows: the only step that cannot be taken back. @throws RowsNotWritten */
  write(): void {
    try {
      for (const { table, key, value } of this.#rows) {
        if (value === undefined) void table.remove(key)
        else void table.put(key, value)
      }
    } catch (error) {
      throw new RowsNotWritten('A row could not be written.', { cause: error })
    }
  }

  #settleReferences(): void {
    // Bodies of parts first: one that goes lets its parts go, which are never of parts themselves.
    const gone = Array.from(this.#references).filter(([id, difference]) => {
      if (difference >= 0) return false
      const { place, references } = this.#findBlob(id)
      return place.kind === 'parts' && references + difference <= 0
    })
    for (const [id] of gone) {
      for (const part of getPartsOf(this.tables, id)) this.unlink(part.body)
    }
    for (const [id, difference] of this.#references) {
      if (difference === 0) continue
      const blob = this.#findBlob(id)
      const references = blob.references + difference
      if (references > 0) this.#putBody(id, { ...blob, references })
      else this.#removeBody(id, blob)
    }
  }

  /** Its bytes hold until the next read. */
  #findBlob(id: BodyId): BlobRow {
    const added = this.#newBodies.get(id)
    return added === undefined ? peekBlob(this.tables, id) : { ...added, references: 0 }
  }

  #putBody(id: BodyId, blob: BlobRow): void {
    this.put(this.tables.blobs, encodeNumber(id), encodeBlobRow(blob))
    if (this.#newBodies.has(id)) this.#countLiveBytes(blob.place, 1)
  }

  #removeBody(id: BodyId, { place }: BlobRow): void {
    const key = encodeNumber(id)
    this.remove(this.tables.blobs, key)
    if (place.kind === 'inline') return
    if (place.kind === 'parts') return this.remove(this.tables['parts-of'], key)
    this.#countLiveBytes(place, -1)
    this.put(this.tables.garbage, key, encodePlace(place))
    this.freed.push({ id, place })
  }

  #countLiveBytes(place: BlobRow['place'], sign: 1 | -1): void {
    if (place.kind !== 'segment') return
    const before = this.#liveBytes.get(place.segment) ?? 0
    this.#liveBytes.set(place.segment, before + sign * place.length)
  }

  #settleLiveBytes(): void {
    for (const [segment, difference] of this.#liveBytes) {
      const liveBytes = getLiveBytes(this.tables, segment) + difference
      this.put(this.tables.segments, encodeNumber(BigInt(segment)), encodeLiveBytes(liveBytes))
    }
  }
}
