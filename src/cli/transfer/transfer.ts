/** What all ways of copying are given, and what they say when they are done. */
import type { S3Client } from '../s3/client.ts'
import type { Headers } from '../s3/multipart.ts'
import type { Progress } from './progress.ts'

export type Transfer = {
  readonly client: S3Client
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Of parts, unless an object needs larger ones. */
  readonly partSizeBytes: number
  /** What new objects are given, such as their type and metadata. */
  readonly headers: Headers
}

export type Transferred = {
  readonly sizeBytes: number
  readonly etag: string
  /** What an earlier, interrupted run had brought already. */
  readonly resumedBytes: number
}

/** Parts of one object that are on their way at once. */
export const PARTS_AT_ONCE = 4
export const DEFAULT_PART_SIZE_BYTES: number = 16 * 1024 * 1024
