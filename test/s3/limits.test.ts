/** Goes one beyond each limit that clients can reach: the answer is what docs/limits.md says. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test, { after, before } from 'node:test'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { LIMITS } from '../../src/storage/limits.ts'
import { LIMIT_ROWS } from '../tidy/limits-page.ts'
import { exchange, type RawAnswer, type SignedRequest, signedHead } from './raw-exchange.ts'
import { isForeign, type S3Server, startS3Server } from './s3-server.ts'

const skip = isForeign && 'the page is about Coffer'

let server: S3Server
before(async () => {
  server = await startS3Server({ newBuckets: 'acl' })
  await server.client().send(new CreateBucketCommand({ Bucket: 'limited' }))
})
after(() => server.stop())

type Sent = SignedRequest & { readonly body?: string; readonly announcedBytes?: number }

/** The answer; a body that is only announced is not sent. */
function ask({ body = '', announcedBytes, ...request }: Sent): Promise<RawAnswer> {
  const size = announcedBytes ?? Buffer.byteLength(body)
  const headers = { ...request.headers, 'content-length': String(size) }
  const pieces = [signedHead(server, { ...request, headers }), ...(body === '' ? [] : [body])]
  return exchange(server, { pieces, pauseMs: 0 })
}

function put(target: string, rest: Partial<Sent> = {}): Promise<RawAnswer> {
  return ask({ method: 'PUT', target, ...rest })
}

const MD5 = { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }
/** Documents of some operations must come with a digest. */
function withMd5(body: string): Pick<Sent, 'body' | 'headers'> {
  return { body, headers: { 'content-md5': createHash('md5').update(body).digest('base64') } }
}

const long = (size: number): string => 'x'.repeat(size)

function putTags(tags: string): Promise<RawAnswer> {
  return put('/limited/tagged', { headers: { 'x-amz-tagging': tags } })
}

function putCors(rules: string): Promise<RawAnswer> {
  return put('/limited?cors', {
    ...withMd5(`<CORSConfiguration>${rules}</CORSConfiguration>`),
  })
}

const CORS_PARTS = '<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>'

async function beginUpload(key: string): Promise<string> {
  const { body } = await ask({ method: 'POST', target: `/limited/${key}?uploads` })
  return /<UploadId>(.+)<\/UploadId>/.exec(body)?.[1] ?? assert.fail(body)
}

async function completeSmallParts(): Promise<RawAnswer> {
  const id = await beginUpload('small')
  const parts: string[] = []
  for (const number of [1, 2]) {
    const part = await put(`/limited/small?partNumber=${number}&uploadId=${id}`, { body: 'small' })
    parts.push(
      `<Part><PartNumber>${number}</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`,
    )
  }
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
  return ask({ method: 'POST', target: `/limited/small?uploadId=${id}`, body })
}

async function announcePart(announcedBytes: number): Promise<RawAnswer> {
  const id = await beginUpload('large')
  return put(`/limited/large?partNumber=1&uploadId=${id}`, { announcedBytes })
}

function deleteKeys(count: number): Promise<RawAnswer> {
  const keys = '<Object><Key>k</Key></Object>'.repeat(count)
  return ask({
    method: 'POST',
    target: '/limited?delete',
    ...withMd5(`<Delete>${keys}</Delete>`),
  })
}

const BEYOND: Readonly<Record<string, () => Promise<RawAnswer>>> = {
  bucketNameMin: () => put(`/${long(LIMITS.bucketNameMin - 1)}`),
  bucketNameMax: () => put(`/${long(LIMITS.bucketNameMax + 1)}`),
  keyBytes: () => put(`/limited/${long(LIMITS.keyBytes + 1)}`),
  metadataBytes: () =>
    put('/limited/key', { headers: { 'x-amz-meta-a': long(LIMITS.metadataBytes) } }),
  headerBytes: () =>
    put('/limited/key', { headers: { 'content-disposition': long(LIMITS.headerBytes + 1) } }),
  objectTags: () => putTags(Array.from({ length: 11 }, (_, at) => `t${at}=v`).join('&')),
  tagNameCharacters: () => putTags(`${long(LIMITS.tagNameCharacters + 1)}=v`),
  tagValueCharacters: () => putTags(`t=${long(LIMITS.tagValueCharacters + 1)}`),
  putBytes: () => put('/limited/key', { announcedBytes: LIMITS.putBytes + 1 }),
  parts: () => put(`/limited/key?partNumber=${LIMITS.parts + 1}&uploadId=any`),
  partBytesMin: completeSmallParts,
  partBytesMax: () => announcePart(LIMITS.partBytesMax + 1),
  DOCUMENT_SIZE_BYTES: () => put('/limited?versioning', { announcedBytes: 64 * 1024 + 1 }),
  DELETE_SIZE_BYTES: () =>
    ask({
      method: 'POST',
      target: '/limited?delete',
      headers: MD5,
      announcedBytes: 8 * 1024 * 1024 + 1,
    }),
  COMPLETE_SIZE_BYTES: async () =>
    ask({
      method: 'POST',
      target: `/limited/key?uploadId=${await beginUpload('key')}`,
      announcedBytes: 4 * 1024 * 1024 + 1,
    }),
  MAX_DEPTH: () => put('/limited?versioning', { body: `${'<a>'.repeat(9)}${'</a>'.repeat(9)}` }),
  RULES_MAX: () => putCors(`<CORSRule>${CORS_PARTS}</CORSRule>`.repeat(101)),
  ID_CHARACTERS_MAX: () => putCors(`<CORSRule><ID>${long(256)}</ID>${CORS_PARTS}</CORSRule>`),
  MAX_EXPIRES_SECONDS: () => exchange(server, { pieces: [presignedFor(604_801)] }),
  MAX_BUCKETS: () => ask({ method: 'GET', target: '/?max-buckets=10001' }),
  listPage: () => deleteKeys(LIMITS.listPage + 1),
  sizeBytes: () => put('/limited?policy', { body: '{}'.padEnd(20_481) }),
}

function presignedFor(seconds: number): string {
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${server.accessKey}%2F20260101%2Fus-east-1%2Fs3%2Faws4_request`,
    'X-Amz-Date=20260101T000000Z',
    `X-Amz-Expires=${seconds}`,
    'X-Amz-SignedHeaders=host',
    `X-Amz-Signature=${'0'.repeat(64)}`,
  ]
  return `GET /limited/key?${query.join('&')} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`
}

for (const { name, answer } of LIMIT_ROWS.filter((row) => row.test === 'test/s3/limits.test.ts')) {
  test(`one beyond ${name} is answered as the page says`, { skip }, async () => {
    const { status, body } = await (BEYOND[name] ?? assert.fail(`nobody tries ${name}`))()
    const code = /<Code>(\w+)<\/Code>/.exec(body)?.[1]
    assert.ok(answer.includes(`${status} \`${code}\``), `${status} ${code}, not ${answer}`)
  })
}
