// What AWS's own SDK sends, received by our server: every signature and every body must be
// understood.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { digestOf } from '../../src/base/digest.ts'
import { createAuthenticator } from '../../src/protocols/http/signature/authenticate.ts'
import type { PayloadSeal } from '../../src/protocols/http/signature/payload-seal.ts'
import { findHeader, type HttpRequest } from '../../src/protocols/http/request.ts'
import { decodeChunkedBody } from '../../src/protocols/s3/chunked-body.ts'
import { open, readAll, serve } from './raw-http.ts'

type Received = {
  readonly seal: PayloadSeal['kind']
  readonly isPresigned: boolean
  readonly expects: string | undefined
  readonly body: Buffer
  readonly trailers: ReadonlyMap<string, string>
}

const KEYS = { accessKeyId: 'a/key', secretAccessKey: 'a secret' }

async function receive(t: TestContext) {
  const authenticate = createAuthenticator({
    findKey: (accessKey) => (accessKey === 'a/key' ? { secret: 'a secret' } : undefined),
    clock: systemClock,
  })
  const received: Received[] = []
  const server = await serve(t, async (request) => {
    const { payload, isPresigned } = await authenticate(request)
    const { bytes, trailers } = decode(request, payload)
    const expects = findHeader(request.headers, 'expect')
    const body = await readAll(bytes)
    received.push({ seal: payload.kind, isPresigned, expects, body, trailers })
    return { status: 200, headers: { etag: '"e"' }, body: '' }
  })
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: server.url,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: KEYS,
  })
  t.after(() => client.destroy())
  return { client, received, port: server.port }
}

function decode({ body, headers }: HttpRequest, seal: PayloadSeal) {
  if (seal.kind !== 'chunked') return { bytes: body, trailers: new Map<string, string>() }
  return decodeChunkedBody(body, {
    ...seal,
    decodedSizeBytes: Number(findHeader(headers, 'x-amz-decoded-content-length')),
    announcedTrailers: findHeader(headers, 'x-amz-trailer')?.split(',') ?? [],
  })
}

const ODD_KEYS = [
  'a/../b',
  'a//b',
  '/leading',
  "sp ace+(!'*)~",
  'ü😀',
  '%41',
  'a?b#c&d=e',
  '\u0001',
]

test('signatures are accepted whatever the key, the query and the metadata', async (t) => {
  const { client, received } = await receive(t)
  for (const Key of ODD_KEYS) {
    const Metadata = { a: ' b  c ' }
    await client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'hello', Metadata }))
    assert.equal(String(received.at(-1)?.body), 'hello', Key)
    const ResponseContentType = 'a/b; c="d+e"'
    await client.send(new GetObjectCommand({ Bucket: 'bucket', Key, ResponseContentType }))
  }
  assert.equal(received.length, 2 * ODD_KEYS.length)
})

test('presigned URLs are accepted whatever the key', async (t) => {
  const { client, received, port } = await receive(t)
  for (const Key of ODD_KEYS) {
    const command = new GetObjectCommand({ Bucket: 'bucket', Key })
    const url = await getSignedUrl(client, command, { expiresIn: 60 })
    const [, host, target] = /^http:\/\/([^/]+)(.*)$/.exec(url) ?? []
    const connection = await open(t, port)
    connection.send(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
    assert.match(await connection.untilClosed(), /^HTTP\/1\.1 200/, Key)
    assert.ok(received.at(-1)?.isPresigned)
  }
})

test('a stream arrives whole, with the checksum in its trailer', async (t) => {
  const { client, received } = await receive(t)
  const bytes = Buffer.alloc(3_000_000, 'some bytes ')
  const Body = Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)])
  const size = { ContentLength: bytes.length }
  await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body, ...size }))
  const [{ seal, body, trailers } = assert.fail('nothing was received')] = received
  assert.equal(seal, 'chunked')
  assert.ok(body.equals(bytes))
  const checksum = Buffer.from(digestOf('CRC32', bytes)).toString('base64')
  assert.deepEqual([...trailers], [['x-amz-checksum-crc32', checksum]])
})

test('a large buffer, for which the SDK awaits 100 Continue, arrives', async (t) => {
  const { client, received } = await receive(t)
  const Body = Buffer.alloc(3_000_000, 'x')
  await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body }))
  assert.equal(received[0]?.expects, '100-continue')
  assert.ok(received[0].body.equals(Body))
})
