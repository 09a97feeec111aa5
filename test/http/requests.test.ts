import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpRequest, RequestBodyError } from '../../src/protocols/http/request.ts'
import { answer, open, readAll, serve, waitFor } from './raw-http.ts'

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

test('pipelined requests are handled one after the other', async (t) => {
  let atWork = 0
  const { port } = await serve(t, async ({ rawPath }) => {
    assert.equal(atWork, 0)
    atWork++
    await sleep(20)
    atWork--
    return { status: 200, headers: {}, body: `<${rawPath}>` }
  })
  const client = await open(t, port)
  client.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nhost: h\r\n\r\n`).join(''))
  const received = await client.untilText('</3>')
  assert.deepEqual(received.match(/<.*>/g), ['</1>', '</2>', '</3>'])
})

test('a body that nobody reads yet is not taken in', async (t) => {
  const mayRead = Promise.withResolvers<void>()
  const { port } = await serve(t, async ({ body }) => {
    await mayRead.promise
    return { status: 200, headers: {}, body: `read ${(await readAll(body)).length}` }
  })
  const client = await open(t, port)
  const size = 50_000_000
  client.send(`${HEAD}content-length: ${size}\r\n\r\n`)
  for (let sent = 0; sent < size; sent += 100_000) client.send('x'.repeat(100_000))
  await sleep(100)
  assert.ok(client.socket.writableLength > size / 2, `${client.socket.writableLength} bytes wait`)
  mayRead.resolve()
  await client.untilText(`read ${size}`)
})

test('an expectation that nobody knows is ignored', async (t) => {
  const { port } = await serve(t, answer())
  for (const expectation of ['a-miracle', '200', '']) {
    const client = await open(t, port)
    client.send(`${HEAD}content-length: 5\r\nexpect: ${expectation}\r\n\r\nhello`)
    const received = await client.untilText('fine')
    assert.match(received, /^HTTP\/1\.1 200 /)
  }
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
    { bodyIdleMs: 600, drainMs: 50 },
  )
  const client = await open(t, port)
  client.send(`${HEAD}content-length: 100\r\n\r\n`)
  for (let round = 0; round < 6; round++) {
    await sleep(120)
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
