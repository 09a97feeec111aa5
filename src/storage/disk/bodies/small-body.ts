import { crc32c } from '@node-rs/crc32'
import type { BodyDigest } from '../../body.ts'
import { blockChecksum, checksumTable } from './block-checksum.ts'
import type { BodyId, BodyPlace, BodyRecord, StoredBody, WrittenBody } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import { type DescriptorKind, encodeRecord } from './descriptor.ts'
import type { NewEntry } from './segment-writer.ts'

/** Up to this a body lies in its catalog row. */
export const INLINE_BYTES = 4096
/** Up to this a body lies in a segment. */
export const SEGMENT_BODY_BYTES = 262_144

/** A body that was collected in memory. `buffer` comes from the pool. */
export type CollectedBody = {
  readonly id: BodyId
  readonly buffer: Buffer
  readonly size: number
  readonly digest: BodyDigest
}

/** A body for the catalog's row: it needs no record, for its row lies beside it. */
export function inlineBody(collected: CollectedBody, pool: BufferPool): WrittenBody {
  const { id, buffer, size, digest } = collected
  const bytes = Uint8Array.prototype.slice.call(buffer, 0, size)
  pool.give(buffer)
  const place = { kind: 'inline', bytes, crc32c: blockChecksum(id, 0, bytes) } as const
  return {
    stored: { id, size, place },
    digest,
    seal: async () => undefined,
    discard: async () => undefined,
  }
}

export type SegmentBodyCalls = {
  readonly append: (entry: NewEntry) => Promise<BodyPlace>
  /** Makes a copy of an entry with another record. */
  readonly rewrite: (body: StoredBody, record: BodyRecord) => Promise<BodyPlace>
  readonly release: (id: BodyId, place: BodyPlace) => Promise<void>
}

/** No segment has the number 0: what a body's place names before its seal can never be read. */
const NOWHERE: BodyPlace = { kind: 'segment', segment: 0, offset: 0, length: 0 }

/**
 * A body for a segment. Its place is known when it is sealed, and changes when it is sealed again.
 */
export function segmentBody(
  { id, buffer, size, digest }: CollectedBody,
  pool: BufferPool,
  { append, rewrite, release }: SegmentBodyCalls,
): WrittenBody {
  let unsealed: Buffer | undefined = buffer
  let place = NOWHERE
  const free = (): void => {
    if (unsealed !== undefined) pool.give(unsealed)
    unsealed = undefined
  }
  return {
    get stored() {
      return { id, size, place }
    },
    digest,
    async seal(record) {
      if (unsealed === undefined) {
        const before = place
        place = await rewrite({ id, size, place }, record)
        await release(id, before)
        return
      }
      try {
        place = await append(newEntry({ kind: 'entry', id, record }, unsealed.subarray(0, size)))
      } finally {
        free()
      }
    },
    async discard() {
      free()
      if (place !== NOWHERE) await release(id, place)
    },
  }
}

/** An entry of a segment for the given bytes, with its checksums. */
export function newEntry(
  about: {
    readonly kind: DescriptorKind
    readonly id: BodyId
    readonly record: BodyRecord
  },
  payload: Buffer,
): NewEntry {
  const { kind, id } = about
  const table = checksumTable(id, 0, payload)
  const record = encodeRecord(about.record)
  return {
    descriptor: {
      kind,
      id,
      sizeBytes: payload.length,
      recordBytes: record.length,
      recordCrc: crc32c(record),
      tableCrc: crc32c(table),
    },
    payload,
    table,
    record,
  }
}
