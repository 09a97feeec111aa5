/** Clients that ask for too much at once hear SlowDown and when to come back. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DEFAULT_ACCOUNT_ID, rootOf } from '../../src/services/access/caller.ts'
import { exchange, signedHead } from './raw-exchange.ts'
import { type S3Server, type ServerOptions, startS3Server } from './s3-server.ts'

const OTHER = { accessKey: 'other-key', secretKey: 'other-secret' }

async function start(t: TestContext, limits: ServerOptions['limits']): Promise<S3Server> {
  const server = await startS3Server({
    limits: { stopWithinMs: 50, ...limits },
    callers: { [OTHER.accessKey]: { secret: OTHER.secretKey, caller: rootOf(DEFAULT_ACCOUNT_ID) } },
  })
  t.after(() => server.stop())
  await server.client().send(new CreateBucketCommand({ Bucket: 'busy' }))
  return server
}

/** A request whose body does not end, so that it is under way until the test ends. */
async function hold(t: TestContext, server: S3Server, head: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`${head}begun`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  return socket
}

const UPLOAD = { method: 'PUT', headers: { 'content-length': '1000' } } as const

test('an access key with too many requests is told to slow down, others go on', async (t) => {
  const server = await start(t, { requestsOfCaller: 2 })
  const [first] = await Promise.all([
    hold(t, server, signedHead(server, { ...UPLOAD, target: '/busy/first' })),
    hold(t, server, signedHead(server, { ...UPLOAD, target: '/busy/second' })),
  ])
  const list = { method: 'GET', target: '/' }
  const refused = await exchange(server, { pieces: [signedHead(server, list)] })
  assert.equal(refused.status, 503)
  assert.match(refused.body, /<Code>SlowDown<\/Code>/)
  assert.equal(refused.headers.get('retry-after'), '1')
  const other = await exchange(server, { pieces: [signedHead({ ...server, ...OTHER }, list)] })
  assert.equal(other.status, 200)

  first.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  const again = await exchange(server, { pieces: [signedHead(server, list)] })
  assert.equal(again.status, 200)
})

test('whoever cannot sign for a key cannot use up its requests', async (t) => {
  const server = await start(t, { requestsOfCaller: 1 })
  const forged = { ...server, secretKey: 'guessed' }
  for (const key of ['a', 'b', 'c']) {
    const head = signedHead(forged, { ...UPLOAD, target: `/busy/${key}` })
    await hold(t, server, head)
  }
  const { Buckets } = await server.client().send(new ListBucketsCommand({}))
  assert.equal(Buckets?.length, 1)
})

test('requests that are not signed are counted by their address', async (t) => {
  const server = await start(t, { requestsOfCaller: 1 })
  const form =
    'POST /busy HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n' +
    'content-type: multipart/form-data; boundary=b\r\n\r\n'
  await hold(t, server, form)
  const refused = await exchange(server, { pieces: ['GET /busy HTTP/1.1\r\nhost: h\r\n\r\n'] })
  assert.match(refused.body, /<Code>SlowDown<\/Code>/)
  const signed = signedHead(server, { method: 'GET', target: '/busy' })
  assert.equal((await exchange(server, { pieces: [signed] })).status, 200)
})

test('documents that fill the memory there is for them are refused, and free it', async (t) => {
  const server = await start(t, { documentsSizeBytes: 50_000 })
  const head = signedHead(server, {
    method: 'POST',
    target: '/busy?delete',
    headers: { 'content-length': '60000', 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' },
  })
  for (const round of [1, 2]) {
    const refused = await exchange(server, { pieces: [head, 'x'.repeat(60_000)] })
    assert.match(refused.body, /<Code>SlowDown<\/Code>/, `round ${round}`)
  }
  const small = { ...UPLOAD, method: 'PUT', headers: { 'content-length': '5' } }
  const target = '/busy?versioning'
  const answer = await exchange(server, {
    pieces: [signedHead(server, { ...small, target }), '<wrong'.slice(0, 5)],
  })
  assert.match(answer.body, /<Code>MalformedXML<\/Code>/)
})

test('a client that retries gets through when there is room again', async (t) => {
  const server = await start(t, { requestsOfCaller: 1 })
  const held = await hold(t, server, signedHead(server, { ...UPLOAD, target: '/busy/held' }))
  const retrying = server.client({ maxAttempts: 5 })
  const put = retrying.send(new PutObjectCommand({ Bucket: 'busy', Key: 'kept', Body: 'body' }))
  setTimeout(() => held.destroy(), 200)
  assert.equal((await put).$metadata.httpStatusCode, 200)
  assert.ok(((await put).$metadata.attempts ?? 0) > 1)
})
