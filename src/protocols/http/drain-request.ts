import type { IncomingMessage } from 'node:http'
import type { HttpLimits } from './http-limits.ts'

/**
 * What is left of an answered request's body is read and dropped, so that the next request on the
 * connection begins where it should; a body beyond the limits costs the client its connection.
 * Call it after the answer was sent. Node by itself would read on without end, or not at all.
 */
export function drainRequest(incoming: IncomingMessage, limits: HttpLimits): void {
  if (incoming.readableEnded || incoming.destroyed) return
  const cut = (): void => void incoming.socket.destroy()
  drop(incoming, { sizeBytes: limits.drainSizeBytes, withinMs: limits.drainMs, onLimit: cut })
}

/**
 * The body of a request that will be the last on its connection was read and dropped, as far as
 * that went within the limits. A connection that is closed while its client sends is reset, and the
 * answer may be lost.
 */
export function drainBeforeLast(incoming: IncomingMessage, limits: HttpLimits): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.readableEnded || incoming.destroyed) return resolve()
    const { drainSizeBytes: sizeBytes, lingerMs: withinMs } = limits
    drop(incoming, { sizeBytes, withinMs, onLimit: resolve })
    incoming.once('end', resolve).once('close', resolve)
  })
}

type Dropping = {
  readonly sizeBytes: number
  readonly withinMs: number
  readonly onLimit: () => void
}

function drop(incoming: IncomingMessage, { sizeBytes, withinMs, onLimit }: Dropping): void {
  let droppedBytes = 0
  const timer = setTimeout(onLimit, withinMs).unref()
  const stopWaiting = (): void => clearTimeout(timer)
  incoming
    .on('data', (chunk: Buffer) => {
      droppedBytes += chunk.length
      if (droppedBytes > sizeBytes) onLimit()
    })
    .once('end', stopWaiting)
    .once('close', stopWaiting)
    .resume()
}
