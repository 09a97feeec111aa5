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

const END = { done: true, value: undefined } as const

/** What is looked at while bytes pass. What either throws ends the stream and frees its source. */
export type ByteWatch = {
  readonly onChunk: (chunk: Uint8Array) => void
  readonly onEnd: () => void | Promise<void>
}

/**
 * The same bytes, to be read once: each chunk was seen before it passes, and the end before it is
 * told. Written by hand, because each generator on the way of a small body would cost more than
 * what it looks at.
 */
export function watchBytes(
  bytes: AsyncIterable<Uint8Array>,
  { onChunk, onEnd }: ByteWatch,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = bytes[Symbol.asyncIterator]()
      let isOver = false
      return {
        async next() {
          if (isOver) return END
          // Until the chunk has passed: whatever throws here ends the stream.
          isOver = true
          const result = await chunks.next()
          try {
            if (result.done === true) await onEnd()
            else onChunk(result.value)
          } catch (error) {
            await chunks.return?.().catch(() => undefined)
            throw error
          }
          isOver = result.done === true
          return result
        },
        async return() {
          isOver = true
          await chunks.return?.()
          return END
        },
      }
    },
  }
}
