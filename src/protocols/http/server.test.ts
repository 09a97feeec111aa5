import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '../../base/log.ts'
import type { HttpLimits } from './http-limits.ts'
import { HTTP_FAILURE_STATUS } from './http-failure.ts'
import { type HttpRequest, RequestBodyError } from './request.ts'
import type { HttpResponse, SentResponse } from './response.ts'
import { type HttpServerOptions, startHttpServer } from './server.ts'

type Handle = HttpServerOptions['handle']

async function serve(t: TestContext, handle: Handle, limits: Partial<HttpLimits> = {}) {
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    handle,
    renderFailure: ({ code }) => ({
      status: HTTP_FAILURE_STATUS[code],
      headers: { 'content-type': 'application/xml' },
      body: `<Code>${code}</Code>`,
    }),
    log: silentLog,
    limits: { sweepMs: 20, stopWithinMs: 500, ...limits },
  })
  t.after(() => server.stop())
  return server
}

/** A connection on which a test says exactly what is sent, and sees exactly what comes back. */
async function open(t: TestContext, port: number) {
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

function answer(body: HttpResponse['body'] = 'fine'): Handle {
  return () => Promise.resolve({ status: 200, headers: {}, body })
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const HEAD = 'PUT /b/k HTTP/1.1\r\nhost: h\r\n'

test('a request arrives as it was sent', async (t) => {
  let seen: HttpRequest | undefined
  const { port } = await serve(t, async (request) => {
    seen = request
    return { status: 200, headers: {}, body: await readAll(request.body) }
  })
  const client = await open(t, port)
  client.send('PUT /b/a/../c//%2e?x&y=1&x=+ HTTP/1.1\r\nHost: Example:9000\r\nX-A: 1\r\nX-a: 2\r\n')
  client.send('X-Meta: \u00c3\u00bc\r\nContent-Length: 5\r\n\r\nhello')
  await client.untilText('hello')
  assert.ok(seen)
  assert.equal(seen.method, 'PUT')
  assert.equal(seen.rawPath, '/b/a/../c//%2e')
  assert.equal(seen.rawQuery, 'x&y=1&x=+')
  assert.equal(seen.host, 'example:9000')
  assert.deepEqual(seen.headers['x-a'], ['1', '2'])
  assert.deepEqual(seen.headers['x-meta'], ['\u00c3\u00bc'])
  assert.equal(seen.contentLength, 5)
  assert.equal(seen.remoteAddress, '127.0.0.1')
  assert.match(seen.id, /^[0-9A-F]{16}$/)
})

test('an absolute target names the host, and its path is not rewritten', async (t) => {
  const { port } = await serve(t, async ({ host, rawPath }) => ({
    status: 200,
    headers: {},
    body: `${host} ${rawPath}`,
  }))
  const client = await open(t, port)
  client.send('GET http://other:1/b/../k HTTP/1.1\r\nhost: h\r\n\r\n')
  await client.untilText('other:1 /b/../k')
})

test('a header named __proto__ is a header like any other', async (t) => {
  const { port } = await serve(t, async ({ headers }) => ({
    status: 200,
    headers: {},
    body: `${Object.keys(headers).includes('__proto__')} ${headers['x-a']?.[0]}`,
  }))
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n__proto__: p\r\nx-a: 1\r\n\r\n')
  await client.untilText('true 1')
})

test('a chunked transfer has no content length and arrives whole', async (t) => {
  const { port } = await serve(t, async ({ body, contentLength }) => ({
    status: 200,
    headers: {},
    body: `${contentLength} ${String(await readAll(body))}`,
  }))
  const client = await open(t, port)
  client.send(`${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
  await client.untilText('undefined abcde')
})

test('100 Continue is sent when the body is first read, not before', async (t) => {
  const mayRead = Promise.withResolvers<void>()
  const { port } = await serve(t, async (request) => {
    await mayRead.promise
    return { status: 200, headers: {}, body: await readAll(request.body) }
  })
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 5\r\nexpect: 100-continue\r\n\r\n`)
  await sleep(50)
  assert.equal(client.received(), '')
  mayRead.resolve()
  await client.untilText('100 Continue')
  client.send('hello')
  await client.untilText('hello')
})

test('a refused request never sees 100 Continue, and its connection closes', async (t) => {
  const { port } = await serve(t, async () => ({ status: 403, headers: {}, body: 'no' }))
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 5\r\nexpect: 100-continue\r\n\r\n`)
  const received = await client.untilClosed()
  assert.match(received, /^HTTP\/1\.1 403/)
  assert.match(received, /connection: close/i)
  assert.doesNotMatch(received, /100 Continue/)
})

test('any other expectation is refused in the words of the protocol', async (t) => {
  const { port } = await serve(t, answer())
  const client = await open(t, port)
  client.send(`${HEAD}expect: a-miracle\r\n\r\n`)
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 417 [^]*<Code>ExpectationFailed/)
})

test('what cannot be parsed is refused in the words of the protocol', async (t) => {
  const { port } = await serve(t, answer(), { headerSizeBytes: 4096 })
  const cases = [
    ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 [^]*application\/xml[^]*<Code>MalformedRequest/],
    [
      `GET / HTTP/1.1\r\nhost: h\r\nx: ${'y'.repeat(5000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 [^]*HeadersToo/,
    ],
    ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 [^]*<Code>MissingHost/],
    ['GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', /^HTTP\/1\.1 400 [^]*<Code>MissingHost/],
    [`${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ] as const
  for (const [request, expected] of cases) {
    const client = await open(t, port)
    client.send(request)
    await client.untilText('</Code>')
    assert.match(client.received(), expected)
    client.socket.end()
  }
})

test('headers that do not come are not waited for', async (t) => {
  const { port } = await serve(t, answer(), { headersTimeoutMs: 200 })
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost:')
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 408 [^]*<Code>HeadersTimeout/)
})

test('a body that stalls fails with BodyTimeout, however long the upload has been going', async (t) => {
  const failures: unknown[] = []
  const { port } = await serve(
    t,
    async ({ body }) => {
      await readAll(body).catch((error: unknown) => failures.push(error))
      return { status: 400, headers: {}, body: 'slow' }
    },
    { bodyIdleMs: 150, drainMs: 50 },
  )
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 100\r\n\r\n`)
  for (let round = 0; round < 5; round++) {
    await sleep(80)
    client.send('x')
  }
  assert.equal(failures.length, 0)
  await client.untilText('slow')
  const [failure] = failures
  assert.ok(failure instanceof RequestBodyError && failure.code === 'BodyTimeout')
  await client.untilClosed()
})

test('a client that goes away in the middle of its body is noticed', async (t) => {
  const noticed = Promise.withResolvers<unknown>()
  const aborted = Promise.withResolvers<boolean>()
  const { port } = await serve(t, async ({ body, signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(true))
    await readAll(body).catch((error: unknown) => noticed.resolve(error))
    return { status: 400, headers: {} }
  })
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 100\r\n\r\nsome`)
  await sleep(30)
  client.socket.destroy()
  const error = await noticed.promise
  assert.ok(error instanceof RequestBodyError && error.code === 'BodyIncomplete')
  assert.ok(await aborted.promise)
})

test('after an early answer the rest of the body is dropped and the connection goes on', async (t) => {
  const { port } = await serve(t, answer('early'))
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 300000\r\n\r\n${'x'.repeat(100_000)}`)
  await client.untilText('early')
  client.send(`${'y'.repeat(200_000)}GET /2 HTTP/1.1\r\nhost: h\r\n\r\n`)
  const received = await client.untilText('early')
  assert.doesNotMatch(received, /400/)
  await waitFor(() => client.received().match(/early/g)?.length === 2)
})

test('a body that was read in part does not disturb the next request either', async (t) => {
  const { port } = await serve(t, async ({ body }) => {
    for await (const _ of body) break
    return { status: 200, headers: {}, body: 'part' }
  })
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 300000\r\n\r\n${'x'.repeat(300_000)}`)
  await client.untilText('part')
  client.send(`${HEAD}content-length: 1\r\n\r\ny`)
  await waitFor(() => client.received().match(/part/g)?.length === 2)
})

test('a client that goes on sending after the answer loses its connection', async (t) => {
  const { port } = await serve(t, answer('early'), { drainSizeBytes: 100_000 })
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 10000000\r\n\r\n${'x'.repeat(2_000_000)}`)
  await client.untilClosed()
})

test('a chunk is asked for only when the one before has left', async (t) => {
  const buffer = Buffer.alloc(256 * 1024)
  let isInUse = false
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let round = 0; round < 40; round++) {
      assert.ok(!isInUse)
      buffer.fill(97 + (round % 26))
      isInUse = true
      yield buffer
      isInUse = false
      buffer.fill(0)
    }
  }
  const size = 40 * buffer.length
  const { port } = await serve(t, async () => ({
    status: 200,
    headers: { 'content-length': size },
    body: body(),
  }))
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const received = Buffer.from(await response.arrayBuffer())
  assert.equal(received.length, size)
  for (let round = 0; round < 40; round++) {
    const chunk = received.subarray(round * buffer.length, (round + 1) * buffer.length)
    assert.ok(chunk.every((byte) => byte === 97 + (round % 26)))
  }
})

test('an answer that fails half-way is cut off, never ended', async (t) => {
  for (const headers of [{}, { 'content-length': 100 }]) {
    const { port } = await serve(t, async () => ({ status: 200, headers, body: breakLate() }))
    const client = await open(t, port)
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
    const received = await client.untilClosed()
    assert.match(received, /some/)
    assert.doesNotMatch(received, /\r\n0\r\n\r\n$/)
  }
})

test('an answer with more or fewer bytes than announced is cut off', async (t) => {
  for (const size of [3, 5]) {
    const { port } = await serve(t, async () => ({
      status: 200,
      headers: { 'content-length': size },
      body: fourBytes(),
    }))
    const client = await open(t, port)
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
    const received = await client.untilClosed()
    assert.ok(received.split('\r\n\r\n')[1]?.length !== size)
  }
})

test('a body that fails at once is still answered properly', async (t) => {
  const { port } = await serve(t, async () => ({
    status: 200,
    headers: { 'content-length': 5 },
    body: breakAtOnce(),
  }))
  const response = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(response.status, 500)
  assert.match(await response.text(), /InternalError/)
})

test('a rejected request is an internal error without details', async (t) => {
  const { port } = await serve(t, () => Promise.reject(new Error('secret detail')))
  const response = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
})

test('a client that goes away frees the body and is told of', async (t) => {
  const freed = Promise.withResolvers<void>()
  const sent = Promise.withResolvers<SentResponse>()
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      freed.resolve()
    }
  }
  const { port } = await serve(t, async () => ({
    status: 200,
    headers: {},
    body: endless(),
    onSent: sent.resolve,
  }))
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await client.untilText('200 OK')
  client.socket.destroy()
  await freed.promise
  assert.equal((await sent.promise).complete, false)
})

test('a client that does not take its answer loses its connection', async (t) => {
  const sent = Promise.withResolvers<SentResponse>()
  const { port } = await serve(
    t,
    async () => ({ status: 200, headers: {}, body: neverEnding(), onSent: sent.resolve }),
    { answerIdleMs: 150 },
  )
  const client = await open(t, port)
  client.socket.pause()
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  assert.equal((await sent.promise).complete, false)
})

test('HEAD, 204 and 304 have no body, and an iterable that is not sent is freed', async (t) => {
  let freed = 0
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error('must not be read')),
      return() {
        freed++
        return Promise.resolve({ done: true as const, value: undefined })
      },
    }),
  }
  const { port } = await serve(t, async ({ rawPath }) => ({
    status: Number(rawPath.slice(1)),
    headers: { 'content-length': 5, etag: '"a"' },
    body,
  }))
  const client = await open(t, port)
  client.send('HEAD /200 HTTP/1.1\r\nhost: h\r\n\r\n')
  await client.untilText('content-length: 5')
  client.send('GET /204 HTTP/1.1\r\nhost: h\r\n\r\nGET /304 HTTP/1.1\r\nhost: h\r\n\r\n')
  const received = await client.untilText('304 Not Modified')
  assert.equal(received.match(/etag/g)?.length, 3)
  assert.doesNotMatch(received.slice(received.indexOf('204')), /content-length: 5[^]*304/)
  assert.equal(freed, 3)
})

test('what was sent is reported when it has gone out', async (t) => {
  const reports: SentResponse[] = []
  const { port } = await serve(t, async () => ({
    status: 200,
    headers: {},
    body: 'ümlaut',
    onSent: (sent) => void reports.push(sent),
  }))
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'ümlaut')
  await waitFor(() => reports.length === 1)
  assert.deepEqual(reports, [{ sizeBytes: 7, complete: true }])
})

test('idle connections are kept for longer than SDK pools expect', async (t) => {
  const { port } = await serve(t, answer())
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  const received = await client.untilText('fine')
  assert.match(received, /keep-alive: timeout=90/i)
})

test('stopping lets running requests finish, refuses new ones and closes idle connections', async (t) => {
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const server = await serve(t, async ({ rawPath }) => {
    if (rawPath === '/slow') {
      started.resolve()
      await finish.promise
    }
    return { status: 200, headers: {}, body: 'finished' }
  })
  const idle = await open(t, server.port)
  idle.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await idle.untilText('finished')
  const slow = await open(t, server.port)
  slow.send('GET /slow HTTP/1.1\r\nhost: h\r\n\r\n')
  await started.promise
  const stopped = server.stop()
  await idle.untilClosed()
  await assert.rejects(() => fetch(server.url))
  finish.resolve()
  assert.match(await slow.untilClosed(), /finished/)
  await stopped
})

test('stopping does not wait for ever', async (t) => {
  const started = Promise.withResolvers<void>()
  const server = await serve(
    t,
    () => {
      started.resolve()
      return new Promise(() => {})
    },
    { stopWithinMs: 100 },
  )
  const client = await open(t, server.port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await started.promise
  const startedAt = Date.now()
  await server.stop()
  assert.ok(Date.now() - startedAt < 2000)
  await client.untilClosed()
})

test('an address that is taken is refused with the code of the system', async (t) => {
  const { port } = await serve(t, answer())
  const second = startHttpServer({
    listen: { host: '127.0.0.1', port },
    handle: answer(),
    renderFailure: () => ({ status: 500, headers: {} }),
    log: silentLog,
  })
  await assert.rejects(() => second, { code: 'EADDRINUSE' })
})

async function* fourBytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ab')
  yield Buffer.from('cd')
}

async function* breakLate(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some')
  await sleep(20)
  throw new Error('damage')
}

// oxlint-disable-next-line require-yield -- failing before the first byte is the point
async function* breakAtOnce(): AsyncGenerator<Uint8Array> {
  throw new Error('damage')
}

async function* neverEnding(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(1024 * 1024)
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, 'waited in vain')
    await sleep(10)
  }
}
