// One kept-alive connection with one request under way.
import { connect, type Socket } from 'node:net'
import { type Reply, type ReplyExpectation, readReply, type ReplyReader } from './reply-reader.ts'

export type Connection = {
  /** Resolves with any reply, rejects when the connection breaks before its end. */
  send(request: RawRequest): Promise<Reply>
  close(): void
}

export type RawRequest = ReplyExpectation & {
  readonly head: string
  readonly body?: Uint8Array | undefined
}

export type Address = { readonly hostname: string; readonly port: number }

/** Long enough for the slowest of the measured; a server that hangs must not hang the run. */
const REPLY_TIMEOUT_MS = 120_000

export async function openConnection({ hostname, port }: Address): Promise<Connection> {
  const socket = await dial({ hostname, port })
  let reader: ReplyReader | undefined
  let fail: ((error: Error) => void) | undefined
  socket.on('data', (chunk: Buffer) => reader?.push(chunk))
  socket.on('error', (error) => fail?.(error))
  socket.on('close', () => fail?.(new Error('The server closed the connection.')))
  socket.setTimeout(REPLY_TIMEOUT_MS, () => socket.destroy(new Error('No reply came.')))
  return {
    send: ({ head, body, ...expectation }) =>
      new Promise((resolve, reject) => {
        fail = reject
        reader = readReply(expectation, resolve)
        if (body === undefined) {
          socket.write(head, 'latin1')
          return
        }
        socket.cork()
        socket.write(head, 'latin1')
        socket.write(body)
        socket.uncork()
      }),
    close: () => socket.destroy(),
  }
}

function dial({ hostname, port }: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
