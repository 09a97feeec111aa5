import type { Checksum } from './checksum.ts'
import type { Pairs, StorageClass } from './object-version.ts'
import { StorageError } from './storage-error.ts'

/**
 * What happened, in the words of S3's operations. `Gap`: entries were dropped before they were
 * read.
 */
export type ChangeOperation =
  | 'Put'
  | 'Post'
  | 'Copy'
  | 'Complete'
  | 'Delete'
  | 'DeleteMarker'
  | 'Tagging'
  | 'Retention'
  | 'LegalHold'
  | 'Acl'
  | 'BucketCreated'
  | 'BucketChanged'
  | 'BucketDeleted'
  | 'DocumentChanged'
  | 'DocumentDeleted'
  | 'Gap'

/**
 * Who asked for a write, through what, and because of which earlier changes. Kept in the change.
 */
export type Origin = {
  readonly account: string
  readonly identity: string
  readonly requestId: string
  readonly sourceAddress: string
  readonly userAgent: string
  /** Request ids of the writes that led to this one, oldest first; pipelines stop loops by it. */
  readonly ancestry: readonly string[]
}

/** The origin of what a store does on its own account: a gap in the feed, its upkeep. */
export const NOBODY: Origin = {
  account: '',
  identity: '',
  requestId: '',
  sourceAddress: '',
  userAgent: '',
  ancestry: [],
}

/**
 * One committed change. Absent fields do not apply to the operation. Normative:
 * docs/formats/change-record.md
 */
export type Change = {
  readonly formatVersion: 1
  /** Global and strictly rising: max(previous + 1, clock in nanoseconds). */
  readonly sequence: bigint
  readonly at: Date
  readonly operation: ChangeOperation
  readonly bucket: string
  readonly key?: string
  readonly versionId?: string
  /** The version that the key showed before. */
  readonly previousVersionId?: string
  readonly size?: number
  readonly etag?: string
  readonly checksum?: Checksum
  readonly contentType?: string
  readonly storageClass?: StorageClass
  readonly metadata?: Pairs
  readonly tags?: Pairs
  /** The name of the bucket's document that changed. */
  readonly document?: string
  readonly origin: Origin
}

/**
 * A place between two entries: 16 hex digits, the sequence of the entry before it. Sorts as text.
 */
export type ChangeCursor = string

/** The cursor after the entry of that sequence. */
export function cursorAfter(sequence: bigint): ChangeCursor {
  return sequence.toString(16).padStart(16, '0')
}

/**
 * The sequence that a cursor stands behind.
 * @throws StorageError `InvalidArgument` for what is no cursor
 */
export function sequenceOfCursor(cursor: ChangeCursor): bigint {
  if (/^[0-9a-f]{16}$/.test(cursor)) return BigInt(`0x${cursor}`)
  throw new StorageError('InvalidArgument', `"${cursor}" is not a cursor of 16 hex digits.`)
}

/** How many entries the feed keeps, and what happens when that many were not trimmed in time. */
export type FeedLimit = {
  readonly entries: number
  /** `refuse` fails writes with `FeedFull`; `drop-oldest` forgets entries and leaves a `Gap`. */
  readonly whenFull: 'refuse' | 'drop-oldest'
}

/** Every committed change, in commit order. At least once: readers are idempotent. */
export interface ChangeFeed {
  /**
   * Gives the entries after `cursor` (or from the oldest kept), oldest first, then waits for more
   * until
   * `signal` aborts, which ends it cleanly.
   * @throws StorageError `CursorExpired` when entries after `cursor` were forgotten
   */
  read(cursor: ChangeCursor | undefined, signal: AbortSignal): AsyncIterable<Change>
  /** The place before the oldest entry that is kept. */
  oldest(): Promise<ChangeCursor>
  /** The place after the newest entry. */
  head(): Promise<ChangeCursor>
  /** How many entries are kept; a trim goes by it. */
  count(): Promise<number>
  /** Forgets the entries before `cursor`; the caller has asked every reader. Idempotent. */
  trim(cursor: ChangeCursor): Promise<void>
}
