// The body of a Node request as bytes to pull. Chunks are Node's own buffers, never copied.
import type { IncomingMessage } from 'node:http'
import { RequestBodyError, type RequestBodyErrorCode } from './request.ts'
import type { StallWatch, WatchedTransfer } from './stall-watch.ts'

const END = { done: true, value: undefined } as const

/** What most requests have. */
export const EMPTY_BODY: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(END) }),
}

/** How much may lie here, beyond Node's own buffers, before the client is told to wait. */
const QUEUE_SIZE_BYTES = 256 * 1024

export type RequestBodyOptions = {
  readonly stalls: StallWatch
  /** Called once, when somebody wants the body: the moment for `100 Continue`. */
  readonly onFirstRead: () => void
}

/**
 * The body, to be read once. `return()` stops reading and leaves the rest to the connection's owner.
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

type BodyReader = AsyncIterator<Uint8Array, undefined>

function pull(incoming: IncomingMessage, { stalls, onFirstRead }: RequestBodyOptions): BodyReader {
  const queue: Buffer[] = []
  let queuedBytes = 0
  let state: 'new' | 'open' | 'ended' = 'new'
  let failure: RequestBodyError | undefined
  let wake: (() => void) | undefined
  let transfer: WatchedTransfer | undefined

  const fail = (code: RequestBodyErrorCode, message: string): void => {
    if (state !== 'ended') failure ??= new RequestBodyError(code, message)
    wake?.()
  }
  const onClose = (): void => fail('BodyIncomplete', 'The connection ended before the body did.')
  const onStall = (): void => fail('BodyTimeout', 'The body came too slowly, or not at all.')
  const onData = (chunk: Buffer): void => {
    transfer?.progress(chunk.length)
    queue.push(chunk)
    queuedBytes += chunk.length
    if (queuedBytes >= QUEUE_SIZE_BYTES) incoming.pause()
    wake?.()
  }
  const onEnd = (): void => {
    state = 'ended'
    wake?.()
  }
  const start = (): void => {
    state = 'open'
    if (incoming.destroyed) return onClose()
    transfer = stalls.watch(onStall)
    onFirstRead()
    incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  }
  const stop = (): void => {
    state = 'ended'
    transfer?.end()
    incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
    incoming.pause()
  }

  return {
    async next() {
      if (state === 'new') start()
      for (;;) {
        const chunk = queue.shift()
        if (chunk !== undefined) {
          queuedBytes -= chunk.length
          return { done: false, value: chunk }
        }
        if (failure !== undefined || state === 'ended') stop()
        if (failure !== undefined) throw failure
        if (state === 'ended') return END
        transfer?.wait()
        await new Promise<void>((resolve) => {
          wake = resolve
          incoming.resume()
        })
      }
    },
    return() {
      stop()
      queue.length = 0
      return Promise.resolve(END)
    },
  }
}
