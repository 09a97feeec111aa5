// The bytes of a call: few go with it, many follow in buffers that come back to be filled again.
import { createBell } from './bell.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import type { CallId, CallMessage, SentBody } from './messages.ts'
import type { Outbox } from './outbox.ts'
import { sendError } from './sent-errors.ts'

/** Bytes to send, read once, and what is known of them only after their clean end. */
export type OutgoingBody = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** When it is known beforehand. */
  readonly size: number | undefined
  trailer(): unknown
}

/** A body whose call is under way. */
export type SendingBody = {
  readonly first: 'follows' | SentBody
  start(id: CallId, outbox: Outbox<CallMessage>): void
  want(buffer: ArrayBuffer | undefined): void
  /** Nobody takes more. */
  end(): void
}

/** Up to this a body goes with its call. */
export const SMALL_BODY_BYTES = 65_536
/** So many chunks may be on their way or at work on the other side. */
export const CHUNKS_AHEAD = 4

type Chunks = AsyncIterator<Uint8Array>
/** What was read of a body before it was known to be a large one. */
type Head = { readonly bytes: Uint8Array; readonly next: Uint8Array | undefined }

/** Lets `begin` make the call. What the body throws is thrown as it is, whatever comes back. */
export async function sendBody<Result>(
  body: OutgoingBody,
  buffers: ChunkBuffers,
  begin: (sending: SendingBody) => Promise<Result>,
): Promise<Result> {
  const chunks = body.bytes[Symbol.asyncIterator]()
  const isLarge = (body.size ?? 0) > SMALL_BODY_BYTES
  const head = isLarge ? EMPTY : await collect(chunks, body.size ?? 0)
  if (!isLarge && head.next === undefined) {
    const first = { bytes: head.bytes, trailer: body.trailer() }
    return begin({ first, start() {}, want() {}, end() {} })
  }
  const streaming = streamBody(chunks, { head, buffers, trailer: () => body.trailer() })
  try {
    return await begin(streaming.sending)
  } catch (error) {
    throw streaming.failure() ?? error
  } finally {
    streaming.sending.end()
    buffers.close()
  }
}

const EMPTY: Head = { bytes: new Uint8Array(0), next: undefined }

/** Reads to the end, or to the chunk that makes it too much. */
async function collect(chunks: Chunks, expected: number): Promise<Head> {
  let bytes = new Uint8Array(expected)
  let size = 0
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) return { bytes: cutTo(bytes, size), next: undefined }
    if (size + value.length > SMALL_BODY_BYTES) return { bytes: cutTo(bytes, size), next: value }
    if (size + value.length > bytes.length) bytes = grow(bytes, size + value.length)
    bytes.set(value, size)
    size += value.length
  }
}

/** Cloning takes the whole buffer along, so it must not be larger than the bytes. */
function cutTo(bytes: Uint8Array, size: number): Uint8Array {
  return size === bytes.length ? bytes : bytes.slice(0, size)
}

function grow(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(size, bytes.length * 2))
  larger.set(bytes)
  return larger
}

type Rest = {
  readonly head: Head
  readonly buffers: ChunkBuffers
  readonly trailer: () => unknown
}
type Streaming = { readonly sending: SendingBody; failure(): unknown }

function streamBody(chunks: Chunks, { head, buffers, trailer }: Rest): Streaming {
  let credit = CHUNKS_AHEAD
  let isUnwanted = false
  let failure: unknown
  const bell = createBell()

  async function* everything(): AsyncGenerator<Uint8Array, void> {
    let hasEnded = false
    try {
      yield head.bytes
      if (head.next !== undefined) yield head.next
      for (;;) {
        const { done, value } = await chunks.next()
        hasEnded = done === true
        if (hasEnded) return
        yield value
      }
    } finally {
      // Whoever sends the bytes learns that nobody takes them any more.
      if (!hasEnded) await chunks.return?.()
    }
  }
  async function takeBuffer(): Promise<ArrayBuffer> {
    const mayTake = (): boolean => credit > 0 || isUnwanted
    while (!mayTake()) await bell.wait()
    credit -= 1
    return buffers.take()
  }
  async function pump(id: CallId, outbox: Outbox<CallMessage>): Promise<void> {
    let buffer: ArrayBuffer | undefined
    let length = 0
    const flush = (): void => {
      if (buffer === undefined) return
      outbox.send({ say: 'chunk', id, chunk: { buffer, length } }, buffer)
      buffer = undefined
      length = 0
    }
    for await (const bytes of everything()) {
      let taken = 0
      while (taken < bytes.length) {
        buffer ??= await takeBuffer()
        if (isUnwanted) return
        const piece = bytes.subarray(taken, taken + buffer.byteLength - length)
        new Uint8Array(buffer).set(piece, length)
        taken += piece.length
        length += piece.length
        if (length === buffer.byteLength) flush()
      }
    }
    flush()
    outbox.send({ say: 'body-end', id, trailer: trailer() })
  }
  return {
    failure: () => failure,
    sending: {
      first: 'follows',
      start(id, outbox) {
        void pump(id, outbox).catch((error: unknown) => {
          failure = error
          outbox.send({ say: 'body-failed', id, error: sendError(error) })
        })
      },
      want(buffer) {
        credit += 1
        if (buffer !== undefined) buffers.give(buffer)
        bell.ring()
      },
      end() {
        isUnwanted = true
        bell.ring()
      },
    },
  }
}
