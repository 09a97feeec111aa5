/**
 * Where bytes lie: small ones in the catalog's own row, middling ones in segments, large ones in a file
 * each. Bodies know nothing of keys and versions; the catalog knows nothing of descriptors and offsets.
 */
import type { Body, BodyDigest, ByteStream } from '../../body.ts'
import type { ByteRange } from '../../range.ts'

/** A body's number: rising, never reused, given out by the catalog. */
export type BodyId = bigint

/** Where a body lies. Kept in the catalog's `blobs` table; compaction changes it, versions never see it. */
export type BodyPlace =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array; readonly crc32c: number }
  | {
      readonly kind: 'segment'
      readonly segment: number
      readonly offset: number
      readonly length: number
    }
  | { readonly kind: 'file' }

export type StoredBody = { readonly id: BodyId; readonly size: number; readonly place: BodyPlace }

/** What lies beside a body's bytes, so that a lost catalog can be rebuilt: JSON, see docs/formats. */
export type BodyRecord = Readonly<Record<string, unknown>>

/** A body that was read to its clean end. Inline ones are in memory; others are not yet durable. */
export interface WrittenBody {
  readonly stored: StoredBody
  readonly digest: BodyDigest
  /**
   * Writes the record beside the bytes and makes both durable. May be called again with a newer
   * record before the commit. Does nothing for an inline body.
   */
  seal(record: BodyRecord): Promise<void>
  /** Frees what was written; for a write that is not committed. Never throws. */
  discard(): Promise<void>
}

export interface Bodies {
  /** @throws StorageError `StorageFull`, `StoreFailed`, and what the body throws */
  write(id: BodyId, body: Body): Promise<WrittenBody>
  /** Makes a record without bytes durable: a completed upload or a copy of bodies that lie here. */
  writeManifest(record: BodyRecord): Promise<BodyPlace>
  /** Streams a range of one body, every block checked. @throws StorageError `Damaged` from the stream */
  read(body: StoredBody, range: ByteRange): ByteStream
  /** Gives back the space of a body that no row names any more. Idempotent. */
  release(id: BodyId, place: BodyPlace): Promise<void>
  close(): Promise<void>
}
