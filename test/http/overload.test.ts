/** What a server does that has more to do than it may: it says so, and forgets nobody's place. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpServer } from '../../src/protocols/http/server.ts'
import { answer, type Handle, open, type RawConnection, serve, waitFor } from './raw-http.ts'

const GET = 'GET / HTTP/1.1\r\nhost: h\r\n\r\n'

/** Answers nobody until `finish` is called. */
function holdAll(): { readonly handle: Handle; readonly finish: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    handle: async () => {
      await promise
      return { status: 200, headers: {}, body: 'finished' }
    },
    finish: resolve,
  }
}

async function openAll(
  t: TestContext,
  server: HttpServer,
  count: number,
): Promise<RawConnection[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => open(t, server.port)))
  for (const client of clients) client.send(GET)
  return clients
}

test('requests beyond the limit wait; beyond the queue they are refused', async (t) => {
  const { handle, finish } = holdAll()
  const server = await serve(t, handle, { requests: 2, requestsWaiting: 1, requestWaitMs: 5000 })
  const inside = await openAll(t, server, 2)
  await waitFor(() => server.counts().requests.used === 2)
  const [waiting] = await openAll(t, server, 1)
  await waitFor(() => server.counts().requests.waiting === 1)
  const [refused] = await openAll(t, server, 1)
  assert.match((await refused?.untilText('</Code>')) ?? '', /^HTTP\/1\.1 503 [^]*ServerBusy/)
  finish()
  for (const client of [...inside, waiting]) await client?.untilText('finished')
  await waitFor(() => server.counts().requests.used === 0)
  assert.equal(server.counts().requests.refused, 1)
})

test('a request that waited for too long is refused', async (t) => {
  const { handle, finish } = holdAll()
  const server = await serve(t, handle, { requests: 1, requestWaitMs: 50 })
  await openAll(t, server, 1)
  const [late] = await openAll(t, server, 1)
  await late?.untilText('ServerBusy')
  finish()
})

test('what is always answered does not wait', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = await serve(
    t,
    async ({ rawPath }) => {
      if (rawPath === '/') await promise
      return { status: 200, headers: {}, body: 'alive' }
    },
    { requests: 1, isAlwaysAnswered: ({ rawPath }) => rawPath === '/health' },
  )
  await openAll(t, server, 1)
  assert.equal(await (await fetch(`${server.url}/health`)).text(), 'alive')
  resolve()
})

test('an answer that is not taken loses its connection, however it was made', async (t) => {
  const body = 'x'.repeat(16 * 1024 * 1024)
  const server = await serve(
    t,
    async ({ rawPath }) => ({
      status: 200,
      headers: rawPath === '/chunks' ? { 'content-length': body.length } : {},
      body: rawPath === '/chunks' ? oneChunk(body) : body,
    }),
    { answerIdleMs: 100 },
  )
  for (const path of ['/text', '/chunks']) {
    const client = await open(t, server.port)
    client.socket.pause()
    client.send(`GET ${path} HTTP/1.1\r\nhost: h\r\n\r\n`)
    await waitFor(() => server.counts().requests.used === 1)
    await waitFor(() => server.counts().requests.used === 0)
  }
})

test('answers that nobody takes are cut off when they fill the memory for them', async (t) => {
  const server = await serve(t, answer('x'.repeat(16 * 1024 * 1024)), { unsentSizeBytes: 1024 })
  const client = await open(t, server.port)
  client.socket.pause()
  client.send(GET)
  await waitFor(() => server.counts().unsentBytes.refused === 1)
  await waitFor(() => server.counts().requests.used === 0)
})

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

test('however requests end, their places are free again', async (t) => {
  const server = await serve(t, answerAsAsked, { requests: 64, stopWithinMs: 50 })
  const paths = ['/fine', '/throws', '/endless', '/breaks', '/unread', '/never', '/slow']
  const clients = await Promise.all(Array.from({ length: 56 }, () => open(t, server.port)))
  for (const [at, client] of clients.entries()) {
    const path = paths[at % paths.length] ?? ''
    client.send(`PUT ${path} HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nhalf`)
    if (path === '/unread') client.socket.pause()
  }
  await sleep(30)
  assert.ok(server.counts().requests.used > 0)
  assert.ok(server.counts().callers.used > 0)
  for (const [at, client] of clients.entries()) {
    if (at % 2 === 0) client.socket.destroy()
    else client.socket.resetAndDestroy()
  }
  await waitFor(() => server.counts().requests.used === 0)
  const { requests, callers, documentBytes } = server.counts()
  assert.deepEqual([requests.waiting, callers.used, documentBytes.used], [0, 0, 0])
})

const answerAsAsked: Handle = async ({ rawPath, body, visit, signal }) => {
  visit?.countTo(`caller of ${rawPath}`)
  visit?.hold(1000)
  if (rawPath === '/throws') throw new Error('thrown')
  if (rawPath === '/slow') await sleep(20)
  if (rawPath === '/never') await once(signal, 'abort')
  if (rawPath === '/breaks') for await (const chunk of body) assert.ok(chunk.length > 0)
  const isEndless = rawPath === '/endless' || rawPath === '/unread'
  return { status: 200, headers: {}, body: isEndless ? endless() : 'fine' }
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) {
    await sleep(1)
    yield Buffer.alloc(64 * 1024)
  }
}
