// What Node does not tell of a server's connections: who never asked anything, who was turned away.
import type { Server, Socket } from 'node:net'
import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'

/** A flood of connections is no flood of lines in the log. */
const LOG_INTERVAL_MS = 1000

export interface Connections {
  /** The connection has brought a request, so Node knows whether it is idle. */
  noteRequest(socket: Socket): void
  /** Ends those that have not brought a request yet: a server that stops would wait for them. */
  closeSilent(): void
  countRefused(): number
}

export type ConnectionsOptions = {
  /** When a connection can bring requests. */
  readonly event: 'connection' | 'secureConnection'
  readonly limit: number
  readonly log: Log
  readonly clock: Clock
}

/** The server's connections are watched from now on. */
export function watchConnections(server: Server, options: ConnectionsOptions): Connections {
  const { event, limit, log, clock } = options
  const silent = new Set<Socket>()
  let refused = 0
  let loggedAtMs = -LOG_INTERVAL_MS
  server.on(event, (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('drop', () => {
    refused += 1
    const nowMs = clock.monotonicMs()
    if (nowMs < loggedAtMs + LOG_INTERVAL_MS) return
    loggedAtMs = nowMs
    log.warn('connection refused', { limit, refusedSoFar: refused })
  })
  return {
    noteRequest: (socket) => void silent.delete(socket),
    closeSilent() {
      for (const socket of silent) socket.destroy()
    },
    countRefused: () => refused,
  }
}
