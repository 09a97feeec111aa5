// Puts an answer on the wire. An answer never ends cleanly with wrong bytes: when anything fails
// after its head was sent, the connection is destroyed.
import type { ServerResponse } from 'node:http'
import type { Limiter } from '../../base/limiter.ts'
import type { HttpResponse, ResponseHeaders } from './response.ts'
import type { StallWatch } from './stall-watch.ts'

/** How an answer is put on the wire. */
export type WriteOptions = {
  /** The request's method: HEAD is answered without a body. */
  readonly method: string
  readonly stalls: StallWatch
  /** Room for what clients do not take of whole answers, or of the end of others. */
  readonly unsent: Limiter
  /** Whether this is the last answer on its connection. */
  readonly closing: boolean
  /** Kept up to date while the body is sent. */
  readonly progress: { sentBytes: number }
}

/**
 * The answer was handed to the system, or its connection is destroyed.
 * @throws what the body throws before the head was sent, so that another answer can still be given
 */
export async function writeResponse(
  outgoing: ServerResponse,
  response: HttpResponse,
  options: WriteOptions,
): Promise<void> {
  const { body, status } = response
  if (isBodiless(status, options.method)) {
    writeHead(outgoing, response, { closing: options.closing })
    outgoing.end()
    if (isIterable(body)) await body[Symbol.asyncIterator]().return?.()
    return
  }
  if (isIterable(body)) return writeIterable(outgoing, { ...response, body }, options)
  const sizeBytes = body === undefined ? 0 : Buffer.byteLength(body)
  writeHead(outgoing, response, { closing: options.closing, sizeBytes })
  options.progress.sentBytes = sizeBytes
  outgoing.end(body)
  watchEnd(outgoing, options)
}

/**
 * What the system has not taken yet is still waited for, but not for ever, and not by everybody.
 */
function watchEnd(outgoing: ServerResponse, { stalls, unsent }: WriteOptions): void {
  const leftBytes = outgoing.writableLength
  if (leftBytes === 0) return
  if (!unsent.take(leftBytes)) return void outgoing.destroy()
  const transfer = stalls.watch(() => outgoing.destroy())
  transfer.wait()
  outgoing.once('close', () => {
    transfer.end()
    unsent.give(leftBytes)
  })
}

type IterableResponse = HttpResponse & { readonly body: AsyncIterable<Uint8Array> }

async function writeIterable(
  outgoing: ServerResponse,
  response: IterableResponse,
  options: WriteOptions,
): Promise<void> {
  const { stalls, closing, progress } = options
  const announced = findAnnouncedSize(response.headers)
  const chunks = response.body[Symbol.asyncIterator]()
  const connection = createChunkWriter(outgoing, stalls)
  const sendHead = (): void => {
    if (!outgoing.headersSent) writeHead(outgoing, response, { closing })
  }
  const send = async (chunk: Uint8Array): Promise<void> => {
    if (chunk.length === 0) return
    sendHead()
    await connection.write(chunk)
    progress.sentBytes += chunk.length
  }
  try {
    if (announced === undefined) {
      // A stream without an end in sight shows its head before its first chunk.
      sendHead()
      outgoing.flushHeaders()
    }
    const last = await sendChunks(chunks, { announced, connection, send })
    if (connection.isGone()) return
    sendHead()
    progress.sentBytes += last.length
    outgoing.end(last)
    watchEnd(outgoing, options)
  } catch (error) {
    if (outgoing.headersSent) outgoing.destroy()
    throw error
  } finally {
    connection.release()
    await chunks.return?.()
  }
}

type ChunkSink = {
  readonly announced: number | undefined
  readonly connection: ChunkWriter
  readonly send: (chunk: Uint8Array) => Promise<void>
}

/**
 * With an announced size, a client has a whole answer as soon as it has the last of these bytes.
 */
const HELD_BACK_SIZE_BYTES = 64 * 1024

/**
 * Sends everything but, of an announced size, the last bytes, which it returns: a body may find out
 * at its very end that it is wrong, and then its answer must not be whole. A small body thus is
 * held back altogether, can still be answered by an error, and leaves in one write with its head.
 */
async function sendChunks(
  chunks: AsyncIterator<Uint8Array>,
  { announced, connection, send }: ChunkSink,
): Promise<Uint8Array> {
  const total = announced ?? Number.POSITIVE_INFINITY
  const heldBack = Buffer.allocUnsafe(Math.min(announced ?? 0, HELD_BACK_SIZE_BYTES))
  const heldFrom = total - heldBack.length
  let passed = 0
  while (!connection.isGone()) {
    const result = await chunks.next()
    if (connection.isGone() || result.done === true) break
    const chunk = result.value
    if (passed + chunk.length > total) throw mismatch(announced)
    const middle = Math.min(chunk.length, Math.max(0, heldFrom - passed))
    heldBack.set(chunk.subarray(middle), Math.max(0, passed - heldFrom))
    passed += chunk.length
    await send(chunk.subarray(0, middle))
  }
  if (announced !== undefined && passed < announced && !connection.isGone()) {
    throw mismatch(announced)
  }
  return heldBack
}

function mismatch(announced: number | undefined): Error {
  return new Error(`The body does not have the ${announced} bytes that were announced for it.`)
}

type ChunkWriter = {
  /**
   * Resolves when the chunk's memory is free again: it left the process, or the client has gone.
   */
  readonly write: (chunk: Uint8Array) => Promise<void>
  readonly isGone: () => boolean
  readonly release: () => void
}

function createChunkWriter(outgoing: ServerResponse, stalls: StallWatch): ChunkWriter {
  let gone = outgoing.destroyed
  let wake: (() => void) | undefined
  const onClose = (): void => {
    gone = true
    wake?.()
  }
  const transfer = stalls.watch(() => outgoing.destroy())
  outgoing.on('close', onClose)
  return {
    write: (chunk) =>
      new Promise((resolve) => {
        if (gone || chunk.length === 0) return resolve()
        wake = resolve
        transfer.wait()
        outgoing.write(chunk, (error) => {
          if (error) gone = true
          transfer.progress(chunk.length)
          resolve()
        })
      }),
    isGone: () => gone,
    release() {
      transfer.end()
      outgoing.off('close', onClose)
    },
  }
}

type HeadOptions = { readonly closing: boolean; readonly sizeBytes?: number }

function writeHead(
  outgoing: ServerResponse,
  { status, headers }: HttpResponse,
  { closing, sizeBytes }: HeadOptions,
): void {
  const lines: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    // The size of a body at hand is known better here, and 204 has none (RFC 9110 §8.6).
    if (name === 'content-length' && (sizeBytes !== undefined || status === 204)) continue
    if (typeof value === 'object') for (const each of value) lines.push(name, each)
    else lines.push(name, typeof value === 'number' ? String(value) : value)
  }
  if (sizeBytes !== undefined) lines.push('content-length', String(sizeBytes))
  if (closing) lines.push('connection', 'close')
  outgoing.writeHead(status, lines)
}

function isBodiless(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}

function isIterable(body: HttpResponse['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body
}

function findAnnouncedSize(headers: ResponseHeaders): number | undefined {
  const value = headers['content-length']
  return value === undefined ? undefined : Number(value)
}
