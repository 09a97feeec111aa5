// The body of a Node request as bytes to pull. Chunks are Node's own buffers, never copied.
import type { IncomingMessage } from 'node:http'
import { RequestBodyError, type RequestBodyErrorCode } from './request.ts'
import type { StallWatch } from './stall-watch.ts'

const END = { done: true, value: undefined } as const

/** What most requests have. */
export const EMPTY_BODY: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(END) }),
}

/** How much may lie in the inbox, beyond Node's own buffers, before the client is told to wait. */
const INBOX_SIZE_BYTES = 256 * 1024

/** What a body needs beside the request that it comes with. */
export type RequestBodyOptions = {
  readonly stalls: StallWatch
  /** Called once, when somebody wants the body: the moment for `100 Continue`. */
  readonly onFirstRead: () => void
  /** Kept up to date while the body arrives. */
  readonly progress: { receivedBytes: number }
  /** What lies in the inboxes of all requests; beyond `max`, each takes one chunk at a time. */
  readonly inboxes: { usedBytes: number; readonly maxBytes: number }
}

/**
 * The body, to be read once. `return()` stops reading and leaves the rest to the connection's
 * owner.
 * @throws RequestBodyError `BodyIncomplete`, `BodyTimeout`
 */
export function openRequestBody(
  incoming: IncomingMessage,
  options: RequestBodyOptions,
): AsyncIterable<Uint8Array> {
  let begun = false
  return {
    [Symbol.asyncIterator]() {
      if (begun) throw new Error('A request body can be read only once.')
      begun = true
      return pull(incoming, options)
    },
  }
}

/** What has arrived and was not taken yet, and how it ended. */
type Inbox = {
  readonly chunks: Buffer[]
  sizeBytes: number
  isEnded: boolean
  failure: RequestBodyError | undefined
  wake: (() => void) | undefined
}

function pull(
  incoming: IncomingMessage,
  options: RequestBodyOptions,
): AsyncIterator<Uint8Array, undefined> {
  const { onFirstRead, progress, inboxes } = options
  const inbox: Inbox = {
    chunks: [],
    sizeBytes: 0,
    isEnded: false,
    failure: undefined,
    wake: undefined,
  }
  let delivery: Delivery | undefined
  return {
    async next() {
      if (delivery === undefined) {
        onFirstRead()
        delivery = beginDelivery(incoming, inbox, options)
      }
      for (;;) {
        const chunk = inbox.chunks.shift()
        if (chunk !== undefined) {
          inbox.sizeBytes -= chunk.length
          inboxes.usedBytes -= chunk.length
          progress.receivedBytes += chunk.length
          return { done: false, value: chunk }
        }
        if (inbox.failure !== undefined || inbox.isEnded) delivery.stop()
        if (inbox.failure !== undefined) throw inbox.failure
        if (inbox.isEnded) return END
        await delivery.more()
      }
    },
    return() {
      delivery?.stop()
      inbox.chunks.length = 0
      inboxes.usedBytes -= inbox.sizeBytes
      inbox.sizeBytes = 0
      inbox.isEnded = true
      return Promise.resolve(END)
    },
  }
}

type Delivery = {
  /** Resolves when something has changed in the inbox. */
  readonly more: () => Promise<void>
  readonly stop: () => void
}

function beginDelivery(
  incoming: IncomingMessage,
  inbox: Inbox,
  { stalls, inboxes }: RequestBodyOptions,
): Delivery {
  const fail = (code: RequestBodyErrorCode, message: string): void => {
    if (!inbox.isEnded) inbox.failure ??= new RequestBodyError(code, message)
    inbox.wake?.()
  }
  const onClose = (): void => fail('BodyIncomplete', 'The connection ended before the body did.')
  const transfer = stalls.watch(() =>
    fail('BodyTimeout', 'The body came too slowly or not at all.'),
  )
  const onData = (chunk: Buffer): void => {
    transfer.progress(chunk.length)
    inbox.chunks.push(chunk)
    inbox.sizeBytes += chunk.length
    inboxes.usedBytes += chunk.length
    const isFull = inbox.sizeBytes >= INBOX_SIZE_BYTES || inboxes.usedBytes > inboxes.maxBytes
    if (isFull) incoming.pause()
    inbox.wake?.()
  }
  const onEnd = (): void => {
    inbox.isEnded = true
    inbox.wake?.()
  }
  if (incoming.destroyed) onClose()
  else incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  return {
    more() {
      transfer.wait()
      return new Promise((resolve) => {
        inbox.wake = resolve
        incoming.resume()
      })
    },
    stop() {
      transfer.end()
      incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      incoming.pause()
    },
  }
}
