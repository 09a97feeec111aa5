// The HTTP server over TLS. Whoever speaks plain HTTP to it by mistake is told so, which Node's own
// server does not: it looks at the first byte, and only then begins with TLS.
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { type Certificate, toSecureOptions } from './certificate.ts'

/** The first byte of every TLS connection. @see RFC 8446 §5.1, ContentType handshake */
const HANDSHAKE = 22

/** What a server over TLS needs beside what every server needs. */
export type SecureServerOptions = {
  readonly settings: ServerOptions
  readonly certificate: Certificate
  /** How long a client may take until its first request can begin. */
  readonly handshakeTimeoutMs: number
  /** Answers and closes a connection that does not speak TLS. */
  readonly refusePlain: (socket: Socket) => void
}

/** A server over TLS, and its connections that have not come to HTTP yet. */
export type SecureServer = {
  readonly server: Server
  /** Ends every connection that no request can be under way on, for Node does not know of them. */
  closeUnready(): void
}

/** The server is made; it does not listen yet. */
export function createSecureServer(options: SecureServerOptions): SecureServer {
  const { settings, certificate, handshakeTimeoutMs, refusePlain } = options
  const server = createServer({
    ...settings,
    ...toSecureOptions(certificate),
    handshakeTimeout: handshakeTimeoutMs,
  })
  const unready = new Map<string, Socket>()
  const beginTls = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    unready.set(name, socket)
    const drop = (): void => void socket.destroy()
    socket.on('error', drop)
    socket.once('close', () => unready.delete(name))
    socket.setTimeout(handshakeTimeoutMs, drop)
    socket.once('readable', () => {
      const first: unknown = socket.read(1)
      if (!Buffer.isBuffer(first)) return drop()
      socket.unshift(first)
      socket.setTimeout(0)
      if (first[0] !== HANDSHAKE) {
        // What was sent is taken in, or the answer would be lost in a reset.
        socket.resume()
        return refusePlain(socket)
      }
      socket.off('error', drop)
      for (const begin of beginTls) begin.call(server, socket)
    })
  })
  server.on('secureConnection', (socket) => unready.delete(nameOf(socket)))
  // A client that gives up, or wants a version that is too old, is no event here.
  server.on('tlsClientError', (_, socket) => socket.destroy())
  return {
    server,
    closeUnready() {
      for (const socket of unready.values()) socket.destroy()
    },
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
