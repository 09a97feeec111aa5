// A server whose answers a test decides, and a client that sends and sees exact bytes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '../../src/base/log.ts'
import { HTTP_FAILURE_STATUS } from '../../src/protocols/http/http-failure.ts'
import type { HttpLimits } from '../../src/protocols/http/http-limits.ts'
import type { HttpResponse } from '../../src/protocols/http/response.ts'
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../src/protocols/http/server.ts'

export type Handle = HttpServerOptions['handle']

export type ServeOptions = Partial<HttpLimits> &
  Pick<HttpServerOptions, 'certificate' | 'trustedProxies' | 'observe' | 'isAlwaysAnswered'>

/** Stopped when the test ends. */
export async function serve(
  t: TestContext,
  handle: Handle,
  { certificate, trustedProxies, observe, isAlwaysAnswered, ...limits }: ServeOptions = {},
): Promise<HttpServer> {
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    handle,
    renderFailure: ({ code }) => ({
      status: HTTP_FAILURE_STATUS[code],
      headers: { 'content-type': 'application/xml' },
      body: `<Code>${code}</Code>`,
      logFields: { errorCode: code },
    }),
    log: silentLog,
    certificate,
    ...(trustedProxies && { trustedProxies }),
    ...(observe && { observe }),
    ...(isAlwaysAnswered && { isAlwaysAnswered }),
    limits: { sweepMs: 20, stopQuietMs: 0, stopWithinMs: 500, ...limits },
  })
  t.after(() => server.stop())
  return server
}

export type RawConnection = {
  readonly socket: Socket
  readonly send: (text: string) => void
  readonly untilText: (text: string) => Promise<string>
  readonly untilClosed: () => Promise<string>
  readonly received: () => string
}

/** A connection on which a test says exactly what is sent, and sees exactly what comes back. */
export async function open(t: TestContext, port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  t.after(() => socket.destroy())
  let received = ''
  let changed: (() => void) | undefined
  let isClosed = false
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    changed?.()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    changed?.()
  })
  const until = async (isEnough: () => boolean): Promise<string> => {
    const deadline = Date.now() + 5000
    while (!isEnough()) {
      if (Date.now() > deadline) throw new Error(`Waited in vain; received: ${received}`)
      await Promise.race([new Promise<void>((resolve) => (changed = resolve)), sleep(50)])
    }
    return received
  }
  return {
    socket,
    send: (text: string) => socket.write(text, 'latin1'),
    untilText: (text: string) => until(() => received.includes(text)),
    untilClosed: () => until(() => isClosed),
    received: () => received,
  }
}

export function answer(body: HttpResponse['body'] = 'fine'): Handle {
  return () => Promise.resolve({ status: 200, headers: {}, body })
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function waitFor(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, 'waited in vain')
    await sleep(10)
  }
}
