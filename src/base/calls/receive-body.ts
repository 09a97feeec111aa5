// The bytes of a call as its callee reads them: an iterable that asks for more as it is read.
import { createBell } from './bell.ts'
import type { CallId, Chunk, SentBody, SentError } from './messages.ts'
import { receiveError, type ReviveErrors } from './sent-errors.ts'

/** Bytes as they arrive. A chunk belongs to the reader until it asks for the next one. */
export type ReceivedBody = {
  readonly bytes: AsyncIterable<Uint8Array>
  /** What the sender said after the last byte. */
  trailer(): unknown
}

/** A body that is arriving. */
export type ReceivingBody = ReceivedBody & {
  take(chunk: Chunk): void
  finish(trailer: unknown): void
  fail(error: SentError): void
}

/** How the sender hears of the reader. */
export type BodyReplies = {
  /** The buffer has been read; one more chunk may come. */
  want(id: CallId, buffer: ArrayBuffer): void
  unwanted(id: CallId): void
}

/** A body that came whole. */
export function wholeBody({ bytes, trailer }: SentBody): ReceivedBody {
  return { bytes: once(bytes), trailer: () => trailer }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes
}

type Arriving =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  | { readonly kind: 'end'; readonly trailer: unknown }
  | { readonly kind: 'failure'; readonly error: Error }

/** A body of which nothing has come yet. */
export function receiveBody(id: CallId, replies: BodyReplies, revive: ReviveErrors): ReceivingBody {
  const arrived: Arriving[] = []
  let trailer: unknown
  const bell = createBell()
  const take = (one: Arriving): void => {
    arrived.push(one)
    bell.ring()
  }
  async function next(): Promise<Arriving> {
    for (;;) {
      const one = arrived.shift()
      if (one !== undefined) return one
      await bell.wait()
    }
  }
  async function* read(): AsyncGenerator<Uint8Array, void> {
    let isOver = false
    try {
      for (;;) {
        const one = await next()
        isOver = one.kind !== 'chunk'
        if (one.kind === 'failure') throw one.error
        if (one.kind === 'end') {
          trailer = one.trailer
          return
        }
        const { buffer, length } = one.chunk
        yield new Uint8Array(buffer, 0, length)
        replies.want(id, buffer)
      }
    } finally {
      if (!isOver) replies.unwanted(id)
    }
  }
  return {
    bytes: read(),
    trailer: () => trailer,
    take: (chunk) => take({ kind: 'chunk', chunk }),
    finish: (said) => take({ kind: 'end', trailer: said }),
    fail: (error) => take({ kind: 'failure', error: receiveError(error, revive) }),
  }
}
