// Bodies that are not what was signed: nothing of them is stored.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { exchange, type RawAnswer, sha256, signRequest } from './raw-exchange.ts'
import { assertRefusal, type Refusal, SIGNATURE_MISMATCH } from './refusal.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('bodies')
const skip = isForeign && 'other servers say it in other words'

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

const PUT = { method: 'PUT', target: `/${Bucket}/body` }

async function assertNotStored(): Promise<void> {
  await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key: 'body' })), 404)
}

test('a body that is not the one that was signed is refused', async () => {
  const payload = sha256('hello')
  const { head } = signRequest(server, { ...PUT, headers: { 'content-length': '5' }, payload })
  assertRefusal(await exchange(server, { pieces: [`${head}jello`] }), {
    status: 400,
    code: 'XAmzContentSHA256Mismatch',
    message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    elements: {
      ClientComputedContentSHA256: payload,
      S3ComputedContentSHA256: sha256('jello'),
    },
  })
  await assertNotStored()
})

type ChunkFaults = {
  readonly chunk?: string
  readonly signature?: string
  readonly trailer?: string
  readonly trailerSignature?: string
}

const CRC32_OF_HELLO = 'NhCmhg=='

/** One signed chunk and a signed trailer, each as it should be unless told otherwise. */
async function sendChunks(faults: ChunkFaults): Promise<RawAnswer> {
  const { head, signNext } = signRequest(server, {
    ...PUT,
    payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '5',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'transfer-encoding': 'chunked',
    },
  })
  const signChunk = (chunk: string): string =>
    signNext('AWS4-HMAC-SHA256-PAYLOAD', sha256(''), sha256(chunk))
  const { chunk = 'hello', trailer = CRC32_OF_HELLO } = faults
  const first = signChunk('hello')
  const last = signChunk('')
  const line = `x-amz-checksum-crc32:${trailer}`
  const signed = signNext('AWS4-HMAC-SHA256-TRAILER', sha256(`${line}\n`))
  const body =
    `5;chunk-signature=${faults.signature ?? first}\r\n${chunk}\r\n` +
    `0;chunk-signature=${last}\r\n` +
    `${line}\r\nx-amz-trailer-signature:${faults.trailerSignature ?? signed}\r\n\r\n`
  const framed = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  return exchange(server, { pieces: [head + framed] })
}

const CHUNK_CASES: readonly { readonly what: string; faults: ChunkFaults; refusal: Refusal }[] = [
  { what: 'a chunk that was altered', faults: { chunk: 'jello' }, refusal: SIGNATURE_MISMATCH },
  {
    what: 'the signature of a chunk',
    faults: { signature: '0'.repeat(64) },
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'a signature of a chunk that is none',
    faults: { signature: 'short' },
    refusal: { status: 400, code: 'InvalidRequest', message: /chunk/ },
  },
  {
    what: 'the signature of the trailer',
    faults: { trailerSignature: '0'.repeat(64) },
    refusal: SIGNATURE_MISMATCH,
  },
  {
    what: 'the checksum in the trailer',
    faults: { trailer: 'AAAAAA==' },
    refusal: { status: 400, code: 'BadDigest', message: /CRC32/ },
  },
]

for (const { what, faults, refusal } of CHUNK_CASES) {
  test(`refused in a body that is signed in chunks: ${what}`, { skip }, async () => {
    assertRefusal(await sendChunks(faults), refusal)
    await assertNotStored()
  })
}

test('a body that is signed in chunks, with a signed trailer, is stored otherwise', async () => {
  const answer = await sendChunks({})
  assert.equal(answer.status, 200, answer.whole)
  assert.equal(answer.headers.get('x-amz-checksum-crc32'), CRC32_OF_HELLO)
})
