/**
 * Where bytes lie: small ones in the catalog's own row, middling ones in segments, large ones in a
 * file each. Bodies know nothing of keys and versions; the catalog knows nothing of descriptors and
 * offsets.
 */
import type { Body, BodyDigest, ByteStream } from '../../body.ts'
import type { ByteRange } from '../../range.ts'
import type { Random } from '../../../base/random.ts'
import type { StorageError } from '../../storage-error.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { Disk } from './disk.ts'

/** A body's number: rising, never reused, given out by the catalog. */
export type BodyId = bigint

/**
 * Where a body lies. Kept in the catalog's `blobs` table; compaction changes it, versions never see
 * it.
 */
export type BodyPlace =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array; readonly crc32c: number }
  | {
      readonly kind: 'segment'
      readonly segment: number
      readonly offset: number
      readonly length: number
    }
  | { readonly kind: 'file' }

export type SegmentPlace = Extract<BodyPlace, { readonly kind: 'segment' }>

export type StoredBody = { readonly id: BodyId; readonly size: number; readonly place: BodyPlace }

/**
 * What lies beside a body's bytes, so that a lost catalog can be rebuilt: JSON, see docs/formats.
 */
export type BodyRecord = Readonly<Record<string, unknown>>

/** A body that was read to its clean end. Inline ones are in memory; others are not yet durable. */
export interface WrittenBody {
  /**
   * Where it lies. The kind of place holds from the start; that in a segment is known by `seal`.
   */
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
  /**
   * Makes a record without bytes durable: a completed upload or a copy of bodies that lie here. The
   * id, if the catalog gives it one, lets compaction move it like a body of no bytes.
   */
  writeManifest(record: BodyRecord, id?: BodyId): Promise<BodyPlace>
  /**
   * Streams a range of one body, every block checked. @throws StorageError `Damaged` from the
   * stream
   */
  read(body: StoredBody, range: ByteRange): ByteStream
  /** Gives back the space of a body that no row names any more. Idempotent. */
  release(id: BodyId, place: BodyPlace): Promise<void>
  close(): Promise<void>
}

/** Segments as compaction, scrub and repair see them. */
export interface Segments {
  /** Every segment, in the order of their numbers. */
  list(): Promise<readonly SegmentFile[]>
  /** Gives what lies in a segment, in order, also the stretches that cannot be understood. */
  scan(segment: number): AsyncIterable<ScannedEntry>
  /** Gives only what the descriptors say, which costs little: nothing is checked but them. */
  walk(segment: number): AsyncIterable<WalkedEntry>
  /**
   * Reads all of an entry, bytes and record, and gives the record. @throws StorageError `Damaged`
   */
  inspect(body: StoredBody): Promise<BodyRecord>
  /**
   * A segment that has grown to this is followed by a new one; never larger ones than were asked
   * for at the opening.
   */
  limitTo(segmentBytes: number): void
  /** Ends the segment that is written to; when it resolves, nothing is added to it any more. */
  roll(): Promise<void>
  /** Makes a durable copy of a body or manifest in the newest segment, for the catalog to name. */
  move(body: StoredBody): Promise<BodyPlace>
  /** Deletes a segment that no row and no reader names any more. Never the one written to. */
  remove(segment: number): Promise<void>
}

/** An entry as its descriptor tells, and whether it is a record about bodies instead of one. */
export type WalkedEntry = { readonly stored: StoredBody; readonly manifest: boolean }

export type SegmentFile = {
  readonly segment: number
  readonly sizeBytes: number
  /** Still written to. */
  readonly active: boolean
}

/**
 * An entry; or a stretch that is none, which at the end of a segment is what a crash left behind.
 */
export type ScannedEntry =
  | {
      readonly kind: 'entry'
      readonly stored: StoredBody
      /** Not a body but a record about bodies. */
      readonly manifest: boolean
      /** Marked as forgotten; a hint, for the mark is not synced. */
      readonly dead: boolean
      /** Undefined when it is damaged. */
      readonly record: BodyRecord | undefined
      /** What of the entry is not as it was written, in words. */
      readonly damage: string | undefined
    }
  | { readonly kind: 'gap'; readonly offset: number; readonly length: number }

/** Bodies that have a file each, as the sweep on open, scrub and repair see them. */
export interface BodyFiles {
  /**
   * The ids of all files from `floor` on, in no particular order; older folders are not even read.
   */
  list(floor: BodyId): AsyncIterable<BodyId>
  /** What the end of a file says of it; undefined when it was never finished. @throws `Damaged` */
  inspect(id: BodyId): Promise<{ readonly size: number; readonly record: BodyRecord } | undefined>
}

/** What `openBodies` gives: the seam, and the views that upkeep needs. */
export type DiskBodies = Bodies & { readonly segments: Segments; readonly files: BodyFiles }

export type OpenBodiesOptions = {
  /** The store's folder; `segments` and `files` lie in it and are made when missing. */
  readonly folder: string
  /** Called once when a write or sync failed for another reason than a full disk. */
  readonly fail: (error: StorageError) => void
  /** A segment that has grown to this is followed by a new one. */
  readonly segmentBytes?: number
  /** Where calls of the file system go; tests put a disk there that fails. */
  readonly disk?: Disk
  /**
   * Where a body lies now, for a reader that kept a place from before a compaction: what its row
   * says, or what its garbage says while it is pinned.
   */
  readonly locate?: (id: BodyId) => BodyPlace | undefined
  readonly random?: Random
  readonly pool?: BufferPool
}
