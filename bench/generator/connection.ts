// One kept-alive connection with one request under way.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { createReplyReader, type Reply, type ReplyExpectation } from './reply-reader.ts'

export type Connection = {
  /** Resolves with any reply, rejects when the connection breaks before its end. */
  send(request: RawRequest): Promise<Reply>
  close(): void
}

export type RawRequest = ReplyExpectation & {
  readonly head: string
  /** Pieces of the body, one after the other. */
  readonly body: readonly Uint8Array[]
}

export type Address = {
  readonly hostname: string
  readonly port: number
  readonly isSecure?: boolean
}

export function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url)
  const isSecure = protocol === 'https:'
  return { hostname, port: Number(port === '' ? (isSecure ? 443 : 80) : port), isSecure }
}

/** What one read takes at most. Every read of a connection fills the same buffer. */
const READ_BYTES = 256 * 1024

export async function openConnection(address: Address): Promise<Connection> {
  const reader = createReplyReader()
  let fail: ((error: Error) => void) | undefined
  const socket = await dial(address, (chunk) => {
    try {
      reader.push(chunk)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  })
  socket.on('error', (error) => fail?.(error))
  socket.on('close', () => fail?.(new Error('The server closed the connection.')))
  return {
    send: ({ head, body, ...expectation }) =>
      new Promise((resolve, reject) => {
        fail = reject
        if (socket.destroyed) return reject(new Error('The connection is closed.'))
        reader.expect(expectation, resolve)
        if (body.length === 0) return void socket.write(head, 'latin1')
        socket.cork()
        socket.write(head, 'latin1')
        for (const piece of body) socket.write(piece)
        socket.uncork()
      }),
    close: () => socket.destroy(),
  }
}

function dial(address: Address, take: (chunk: Buffer) => void): Promise<Socket> {
  const { hostname: host, port, isSecure = false } = address
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length))
    return true
  }
  return new Promise((resolve, reject) => {
    const socket = isSecure
      ? connectSecurely({ host, port, servername: isIP(host) === 0 ? host : '' }).on('data', take)
      : connect({ host, port, noDelay: true, onread: { buffer, callback } })
    socket.once('error', reject)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      socket.removeListener('error', reject)
      resolve(socket)
    })
  })
}
