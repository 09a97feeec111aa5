// What the tables hold. Everything about a key is in the row; the key itself is not repeated.
import type { Bucket, Part, Upload } from '../../object-store.ts'
import type { ObjectPart, ObjectVersion, VersionEntry } from '../../object-version.ts'
import type { BodyId, BodyPlace } from '../bodies/bodies.ts'

/** A bucket and the number that its rows begin with; the number is never given to another. */
export type BucketRow = Bucket & { readonly id: number }

/** A version or marker, and the body that holds its bytes. */
export type VersionRow = {
  readonly entry: VersionEntry
  readonly body: BodyId | undefined
  /** The record in a segment that lets `repair` rebuild a copy or a completed upload. */
  readonly manifest: BodyId | undefined
}

/** A body that consists of others, in the order of `parts-of`. */
export type PartsPlace = { readonly kind: 'parts' }

export type BlobRow = {
  /** How many versions, parts and bodies name it; the row goes with the last of them. */
  readonly references: number
  readonly size: number
  readonly place: BodyPlace | PartsPlace
}

export type PartOfBody = ObjectPart & { readonly body: BodyId }

export type UploadRow = Upload
export type PartRow = Part & { readonly body: BodyId; readonly manifest: BodyId | undefined }

/** What an upload became, for callers who did not hear the answer and ask again. */
export type CompletionRow = { readonly version: ObjectVersion; readonly completedAt: Date }

/** Bodies numbered from `floor` to `limit` may have been under way when the process ended. */
export type BodyNumbersRow = { readonly floor: BodyId; readonly limit: BodyId }
