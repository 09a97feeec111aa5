import type { Checksum } from './checksum.ts'

/**
 * Bytes on their way out. Whoever holds one iterates it to the end or calls `return()`, which frees
 * everything even before the first `next()`. A chunk belongs to the consumer until it calls
 * `next()`.
 */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  next(): Promise<IteratorResult<Uint8Array, undefined>>
  return(): Promise<IteratorResult<Uint8Array, undefined>>
  [Symbol.asyncIterator](): ByteStream
}

/**
 * Bytes on their way into a store. `bytes` throws before its end when they are not what was
 * announced, and then nothing may be committed. After a clean end, `digest()` says what passed.
 */
export type Body = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** The size in bytes when it is known beforehand; a store may choose its place by it. */
  readonly size: number | undefined
  digest(): BodyDigest
}

/** What passed through a body that ended cleanly. */
export type BodyDigest = {
  readonly size: number
  /** Lower-case hex of the MD5: the ETag of an object that was stored in one piece. */
  readonly md5: string
  readonly checksum: Checksum | undefined
}
