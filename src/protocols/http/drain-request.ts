import type { IncomingMessage } from 'node:http'
import type { HttpLimits } from './http-limits.ts'

/**
 * What is left of an answered request's body is read and dropped, so that the next request on the
 * connection begins where it should; a body beyond the limits costs the client its connection.
 * Call it after the answer was sent. Node by itself would read on without end, or not at all.
 */
export function drainRequest(incoming: IncomingMessage, limits: HttpLimits): void {
  if (incoming.readableEnded || incoming.destroyed) return
  let drainedBytes = 0
  const cut = (): void => void incoming.socket.destroy()
  const timer = setTimeout(cut, limits.drainMs).unref()
  const stopWaiting = (): void => clearTimeout(timer)
  incoming
    .on('data', (chunk: Buffer) => {
      drainedBytes += chunk.length
      if (drainedBytes > limits.drainSizeBytes) cut()
    })
    .once('end', stopWaiting)
    .once('close', stopWaiting)
    .resume()
}
