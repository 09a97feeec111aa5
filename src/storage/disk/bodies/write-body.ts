import type { Body } from '../../body.ts'
import type { BodyId, WrittenBody } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import { createFile, type FileWriter, type FileWriting } from './file-writer.ts'
import {
  INLINE_BYTES,
  inlineBody,
  SEGMENT_BODY_BYTES,
  segmentBody,
  type SegmentBodyCalls,
} from './small-body.ts'

export type BodyWriting = FileWriting & { readonly calls: SegmentBodyCalls }

type Chunks = AsyncIterator<Uint8Array>

/** What was read of a body before it was known to be a large one; the rest is still in `chunks`. */
type LargeBody = {
  readonly body: Body
  readonly chunks: Chunks
  readonly head: readonly Uint8Array[]
}

/** Collects a body in memory as long as it may be a small one; otherwise it goes to a file. */
export async function writeBody(
  id: BodyId,
  body: Body,
  writing: BodyWriting,
): Promise<WrittenBody> {
  const chunks = body.bytes[Symbol.asyncIterator]()
  const { pool } = writing
  const expected = body.size ?? INLINE_BYTES
  if (expected > SEGMENT_BODY_BYTES) return writeLarge(id, { body, chunks, head: [] }, writing)
  const collecting = { buffer: pool.take(pool.isTight() ? 0 : expected), size: 0 }
  try {
    const tooMuch = await collect(chunks, collecting, pool)
    const { buffer, size } = collecting
    if (tooMuch !== undefined) {
      const head = [buffer.subarray(0, size), tooMuch]
      const written = await writeLarge(id, { body, chunks, head }, writing)
      pool.give(buffer)
      return written
    }
    const collected = { id, buffer, size, digest: body.digest() }
    if (size <= INLINE_BYTES) return inlineBody(collected, pool)
    return segmentBody(collected, pool, writing.calls)
  } catch (error) {
    pool.give(collecting.buffer)
    throw error
  }
}

/**
 * Fills the buffer to the end of the body; gives the first chunk that makes it too large for that.
 */
async function collect(
  chunks: Chunks,
  collecting: { buffer: Buffer; size: number },
  pool: BufferPool,
): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) return undefined
    const size = collecting.size + value.length
    if (size > SEGMENT_BODY_BYTES) return value
    if (size > collecting.buffer.length) {
      const larger = pool.take(size)
      larger.set(collecting.buffer.subarray(0, collecting.size))
      pool.give(collecting.buffer)
      collecting.buffer = larger
    }
    collecting.buffer.set(value, collecting.size)
    collecting.size = size
  }
}

async function writeLarge(
  id: BodyId,
  { body, chunks, head }: LargeBody,
  writing: BodyWriting,
): Promise<WrittenBody> {
  let file: FileWriter | undefined
  try {
    file = await createFile(id, writing)
    for (const chunk of head) await file.append(chunk)
    for (;;) {
      const { done, value } = await chunks.next()
      if (done === true) break
      await file.append(value)
    }
    const stored = { id, size: file.sizeBytes(), place: { kind: 'file' } } as const
    return { ...file, stored, digest: body.digest() }
  } catch (error) {
    await file?.discard()
    // Whoever sends the bytes learns that nobody takes them any more.
    await chunks.return?.().catch(() => undefined)
    throw error
  }
}
