import type { Checksum } from './checksum.ts'
import type { Retention } from './retention.ts'

/** The version id of what was written while its bucket's versioning was not enabled. */
export const NULL_VERSION = 'null'

/** Ordered name-value pairs; names may be any string, `__proto__` included. */
export type Pairs = readonly (readonly [name: string, value: string])[]

/** The headers that S3 keeps with an object and gives back as they came. */
export type ContentHeaders = {
  readonly contentType?: string
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly expires?: string
  readonly websiteRedirectLocation?: string
}

/** What every version of a key has, be it an object or a delete marker. */
type VersionCore = {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /**
   * Of two versions of a key the newer has the higher. From the same clock as the feed's numbers,
   * but drawn before the bytes were synced, so its change may bear a later one.
   */
  readonly sequence: bigint
  readonly modifiedAt: Date
  /** The account that owns it. */
  readonly owner: string
}

/** One version of an object with everything a store keeps about it, its bytes excepted. */
export type ObjectVersion = VersionCore & {
  readonly deleteMarker: false
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly checksum?: Checksum
  readonly headers: ContentHeaders
  /** User metadata, names in lower case without `x-amz-meta-`. */
  readonly metadata: Pairs
  readonly tags: Pairs
  readonly storageClass: StorageClass
  readonly retention?: Retention
  readonly legalHold: boolean
  /** Opaque to stores. */
  readonly acl?: string
  /** How many parts a multipart upload gave it; absent for an object stored in one piece. */
  readonly partCount?: number
}

/** A version that says the key was deleted. */
export type DeleteMarker = VersionCore & { readonly deleteMarker: true }

export type VersionEntry = ObjectVersion | DeleteMarker

/**
 * The classes that are honoured as they are named; others are refused until something carries them
 * out.
 */
export type StorageClass = 'STANDARD'

/** A part of a multipart object, as it was when the upload was completed. */
export type ObjectPart = {
  readonly partNumber: number
  readonly size: number
  readonly checksum?: Checksum
}
