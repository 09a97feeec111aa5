import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnsweredRequest } from '../../src/protocols/http/response.ts'
import { open, serve, waitFor } from './raw-http.ts'

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
  for (const headers of [{}, { 'content-length': 1_000_000 }]) {
    const { port } = await serve(t, async () => ({ status: 200, headers, body: breakLate() }))
    const client = await open(t, port)
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
    const received = await client.untilClosed()
    assert.match(received, /some/)
    assert.doesNotMatch(received, /\r\n0\r\n\r\n$/)
  }
})

test('an answer with more or fewer bytes than announced is cut off', async (t) => {
  for (const difference of [-1, 1]) {
    const size = 1_000_000 + difference
    const { port } = await serve(t, async () => ({
      status: 200,
      headers: { 'content-length': size },
      body: millionBytes(),
    }))
    const client = await open(t, port)
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
    const received = await client.untilClosed()
    assert.match(received, /^HTTP\/1\.1 200/)
    assert.ok((received.split('\r\n\r\n')[1] ?? '').length < size)
  }
})

test('a body that fails after its last byte is cut off before it', async (t) => {
  const { port } = await serve(t, async () => ({
    status: 200,
    headers: { 'content-length': 1_000_000 },
    body: breakAtEnd(),
  }))
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  const received = await client.untilClosed()
  assert.match(received, /^HTTP\/1\.1 200/)
  assert.ok((received.split('\r\n\r\n')[1] ?? '').length < 1_000_000)
})

test('a small body that fails, or has another size than announced, is answered properly', async (t) => {
  const bodies: (() => AsyncIterable<Uint8Array>)[] = [breakAtOnce, breakLate, fourBytes]
  for (const body of bodies) {
    for (const size of [3, 5]) {
      const { port } = await serve(t, async () => ({
        status: 200,
        headers: { 'content-length': size },
        body: body(),
      }))
      const response = await fetch(`http://127.0.0.1:${port}/`)
      assert.equal(response.status, 500)
      assert.match(await response.text(), /InternalError/)
    }
  }
})

test('a rejected request is an internal error without details', async (t) => {
  const { port } = await serve(t, () => Promise.reject(new Error('secret detail')))
  const response = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
})

test('a client that goes away frees the body and is told of', async (t) => {
  const freed = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<AnsweredRequest>()
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      freed.resolve()
    }
  }
  const { port } = await serve(t, async () => ({ status: 200, headers: {}, body: endless() }), {
    observe: answered.resolve,
  })
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await client.untilText('200 OK')
  client.socket.destroy()
  await freed.promise
  const { sentBytes, complete } = await answered.promise
  assert.ok(sentBytes > 0 && !complete)
})

test('a client that was gone before its answer is told of too', async (t) => {
  const answered: AnsweredRequest[] = []
  const { port } = await serve(
    t,
    async ({ signal }) => {
      await once(signal, 'abort')
      await sleep(10)
      return { status: 200, headers: {}, body: 'late' }
    },
    { observe: (each) => void answered.push(each) },
  )
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await sleep(30)
  client.socket.destroy()
  await waitFor(() => answered.length > 0)
  await sleep(20)
  assert.deepEqual(
    answered.map(({ complete }) => complete),
    [false],
  )
})

test('a client that does not take its answer loses its connection', async (t) => {
  const answered = Promise.withResolvers<AnsweredRequest>()
  const { port } = await serve(t, async () => ({ status: 200, headers: {}, body: neverEnding() }), {
    answerIdleMs: 150,
    observe: answered.resolve,
  })
  const client = await open(t, port)
  client.socket.pause()
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  assert.equal((await answered.promise).complete, false)
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

test('what came and what was sent is reported when it has gone out', async (t) => {
  const answered: AnsweredRequest[] = []
  const { port } = await serve(
    t,
    async ({ body }) => {
      for await (const chunk of body) assert.ok(chunk.length > 0)
      return { status: 200, headers: {}, body: 'ümlaut' }
    },
    { observe: (each) => void answered.push(each) },
  )
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body: 'four' })
  assert.equal(await response.text(), 'ümlaut')
  await waitFor(() => answered.length === 1)
  const [{ receivedBytes, sentBytes, complete, durationMs } = assert.fail()] = answered
  assert.deepEqual(
    { receivedBytes, sentBytes, complete },
    { receivedBytes: 4, sentBytes: 7, complete: true },
  )
  assert.ok(durationMs > 0)
})

test('an answer that fails before its head is reported once, as the failure that took its place', async (t) => {
  const answered: AnsweredRequest[] = []
  const { port } = await serve(
    t,
    async () => ({
      status: 200,
      headers: { 'content-length': 1 },
      body: breakAtOnce(),
      logFields: { operation: 'GetObject' },
    }),
    { observe: (each) => void answered.push(each) },
  )
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 500)
  await waitFor(() => answered.length > 0)
  const facts = answered.map(({ response }) => [response.status, response.logFields?.operation])
  assert.deepEqual(facts, [[500, 'GetObject']])
})

test('an answer that is cut off is reported with its status and with why', async (t) => {
  const answered = Promise.withResolvers<AnsweredRequest>()
  const { port } = await serve(t, async () => ({ status: 200, headers: {}, body: breakLate() }), {
    observe: answered.resolve,
  })
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await client.untilClosed()
  const { response, complete } = await answered.promise
  assert.equal(response.status, 200)
  assert.equal(response.logFields?.errorCode, 'InternalError')
  assert.equal(complete, false)
})

test('the load is what is open and under way', async (t) => {
  const gate = Promise.withResolvers<void>()
  const server = await serve(t, async () => {
    await gate.promise
    return { status: 204, headers: {} }
  })
  const client = await open(t, server.port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await waitFor(async () => (await server.load()).requestsUnderWay === 1)
  const { connections, requestsUnderWay } = await server.load()
  assert.deepEqual({ connections, requestsUnderWay }, { connections: 1, requestsUnderWay: 1 })
  gate.resolve()
  await client.untilText('204')
  await waitFor(async () => (await server.load()).requestsUnderWay === 0)
})

async function* fourBytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ab')
  yield Buffer.from('cd')
}

async function* millionBytes(): AsyncGenerator<Uint8Array> {
  for (let round = 0; round < 10; round++) yield Buffer.alloc(100_000, 'x')
}

async function* breakAtEnd(): AsyncGenerator<Uint8Array> {
  yield* millionBytes()
  throw new Error('the checksum of the whole is wrong')
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
