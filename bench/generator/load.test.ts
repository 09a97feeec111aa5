import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { addressOf, openConnection, type RawRequest } from './connection.ts'
import { applyLoad, type Measured, signAhead } from './load.ts'
import { payloadOf } from './payload.ts'
import type { S3Request } from './s3-request.ts'
import type { Workload } from './workloads.ts'

const OBJECT = payloadOf(Buffer.alloc(10_000, 'right'))
const { etag = '' } = OBJECT
const GET: S3Request = { method: 'GET', path: '/bucket/key', answer: { object: OBJECT } }

test('what a server answers while the clock runs is counted', async (context) => {
  const measured = await load(context, (_, response) =>
    response.setHeader('etag', etag).end(OBJECT.bytes),
  )
  assert.ok(measured.operations > 1)
  assert.ok(measured.operations <= measured.asked)
  const bytesEach = measured.bytes / measured.operations
  assert.equal(Math.round(bytesEach), OBJECT.bytes.length)
  assert.ok(measured.latency.p50 > 0)
})

test('a request that was under way when the clock stopped counts in part', async (context) => {
  const { asked, operations } = await load(context, (_, response) => {
    setTimeout(() => response.setHeader('etag', etag).end(OBJECT.bytes), 300)
  })
  assert.equal(asked, 2)
  assert.ok(operations > 0 && operations < 2, String(operations))
})

type Wrong = { readonly answer: RequestListener; readonly said: RegExp }

const WRONG: Readonly<Record<string, Wrong>> = {
  'another status': {
    answer: (_, response) => response.writeHead(503, { etag }).end('SlowDown'),
    said: /503, not 200\. SlowDown/,
  },
  'another ETag': {
    answer: (_, response) => response.setHeader('etag', '"other"').end(OBJECT.bytes),
    said: /another ETag/,
  },
  'another length': {
    answer: (_, response) => response.setHeader('etag', etag).end(OBJECT.bytes.subarray(1)),
    said: /9999 bytes/,
  },
  'other bytes': {
    answer: (_, response) => response.setHeader('etag', etag).end(Buffer.alloc(10_000, 'wrong')),
    said: /other bytes/,
  },
  'an end in the middle': {
    answer: (_, response) => {
      response.setHeader('etag', etag).setHeader('content-length', '10000').write('right')
      setTimeout(() => response.destroy(), 20)
    },
    said: /closed|ECONNRESET/,
  },
}

for (const [what, { answer, said }] of Object.entries(WRONG)) {
  test(`${what} ends the run`, async (context) => {
    await assert.rejects(load(context, answer), said)
  })
}

test('what is asked again is signed once, what is new each time', () => {
  let signed = 0
  const sign = (request: S3Request): RawRequest => {
    signed += 1
    return { head: request.path, body: [], hasBody: true, keepsBody: false }
  }
  const again = signAhead({ ...repeating(GET), count: 50 }, sign)
  assert.equal(again(49), again(0))
  assert.equal(signed, 1)
  const fresh = signAhead({ ...repeating(GET), repeated: [], count: 50, next: another }, sign)
  assert.equal(signed, 51)
  assert.equal(fresh(49).raw.head, '/bucket/49')
  assert.equal(signed, 51)
})

function repeating(request: S3Request): Workload {
  return { before: [], repeated: [request], next: () => request, after: () => [] }
}

function another(number: number): S3Request {
  return { method: 'GET', path: `/bucket/${number}` }
}

/** Two connections, for a quarter of a second. */
async function load(context: TestContext, answer: RequestListener): Promise<Measured> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const url = `http://127.0.0.1:${address.port}`
  const connections = await Promise.all([1, 2].map(() => openConnection(addressOf(url))))
  context.after(() => connections.forEach((connection) => connection.close()))
  const head = `GET ${GET.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`
  const { object } = GET.answer ?? {}
  const raw = { head, body: [], hasBody: true, keepsBody: false, content: object?.bytes }
  const supply = () => ({ request: GET, raw })
  return applyLoad(connections, { supply, timing: { warmUpSeconds: 0.05, seconds: 0.2 } })
}
