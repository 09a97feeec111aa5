// Where clients find buckets: as subdomains of a domain, and behind a proxy that changes addresses.
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import type { LookupFunction } from 'node:net'
import { after, before, test } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { parsePublicUrl } from '../../src/protocols/http/proxy/public-url.ts'
import { exchange } from './raw-exchange.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'
import { draftFor, send, signInHeader, signInQuery, signV2, targetOf } from './signing.ts'

const DOMAIN = 's3.coffer.example'
const skip = isForeign && 'the domain and the public URL are settings of this process'

let server: S3Server
let hosted: S3Client

/** Every name leads to this machine, as DNS would have it. */
const lookup: LookupFunction = (_, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

before(async () => {
  server = await startS3Server({
    site: { domains: [DOMAIN] },
    authentication: { domains: [DOMAIN], signatureV2: 'presigned' },
  })
  hosted = server.client({
    endpoint: `http://${DOMAIN}:${new URL(server.url).port}`,
    forcePathStyle: false,
    requestHandler: { httpAgent: new Agent({ lookup }) },
  })
})
after(() => server.stop())

test('the SDK works with buckets as subdomains', { skip }, async () => {
  const Bucket = freshName('hosted')
  await hosted.send(new CreateBucketCommand({ Bucket }))
  const { Buckets } = await hosted.send(new ListBucketsCommand({}))
  assert.ok(Buckets?.some(({ Name }) => Name === Bucket))
  const keys = ['a/../b//c', '/leading', 'ü +%', 'minio/health/live']
  for (const Key of keys) {
    await hosted.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Key) }))
    const { Body } = await hosted.send(new GetObjectCommand({ Bucket, Key }))
    assert.equal(await Body?.transformToString(), Key)
  }
  const CopySource = `${Bucket}/${encodeURIComponent('ü +%')}`
  await hosted.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
  // The same objects, named by the path.
  const byPath = server.client()
  const { Contents } = await byPath.send(new ListObjectsV2Command({ Bucket }))
  assert.deepEqual(
    Contents?.map(({ Key }) => Key),
    [...keys, 'copy'].toSorted(),
  )
  const Objects = keys.map((Key) => ({ Key }))
  await hosted.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  const { KeyCount } = await hosted.send(new ListObjectsV2Command({ Bucket }))
  assert.equal(KeyCount, 1)
})

test('presigned URLs and uploads in parts name the bucket by the host', { skip }, async () => {
  const Bucket = freshName('hosted')
  await hosted.send(new CreateBucketCommand({ Bucket }))
  const named = { Bucket, Key: 'parts' }
  const { UploadId } = await hosted.send(new CreateMultipartUploadCommand(named))
  const Body = Buffer.from('part')
  const part = await hosted.send(new UploadPartCommand({ ...named, UploadId, PartNumber: 1, Body }))
  const { Location } = await hosted.send(
    new CompleteMultipartUploadCommand({
      ...named,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
    }),
  )
  const { port } = new URL(server.url)
  assert.equal(Location, `http://${Bucket}.${DOMAIN}:${port}/parts`)
  const url = new URL(await getSignedUrl(hosted, new GetObjectCommand(named), { expiresIn: 60 }))
  const headers = { host: url.host }
  const answer = await send(server, { target: url.pathname + url.search, headers })
  assert.equal(answer.body, 'part', answer.whole)
  const elsewhere = { host: `another.${DOMAIN}:${port}` }
  const moved = await send(server, { target: url.pathname + url.search, headers: elsewhere })
  assert.equal(moved.status, 403)
})

test('version 2 signs the bucket of a host as if the path named it', { skip }, async () => {
  const Bucket = freshName('hosted')
  await hosted.send(new CreateBucketCommand({ Bucket }))
  await hosted.send(new PutObjectCommand({ Bucket, Key: 'a b', Body: Buffer.from('old') }))
  const expires = Math.floor(Date.now() / 1000) + 60
  const signature = signV2(server.secretKey, `GET\n\n\n${expires}\n/${Bucket}/a%20b`)
  const query = `AWSAccessKeyId=${server.accessKey}&Signature=${encodeURIComponent(signature)}`
  const headers = { host: `${Bucket}.${DOMAIN}` }
  const answer = await send(server, { target: `/a%20b?${query}&Expires=${expires}`, headers })
  assert.equal(answer.body, 'old', answer.whole)
})

test('an absolute target names the bucket by its own host', { skip }, async () => {
  const Bucket = freshName('hosted')
  await hosted.send(new CreateBucketCommand({ Bucket }))
  const { port } = new URL(server.url)
  const host = `${Bucket}.${DOMAIN}:${port}`
  const draft = draftFor(server, '', { path: '/', headers: { host } })
  const lines = Object.entries(signInHeader(draft)).map(([name, value]) => `${name}: ${value}\r\n`)
  const target = `http://${host}${targetOf(draft)}`
  const head = `GET ${target} HTTP/1.1\r\nconnection: close\r\n${lines.join('')}\r\n`
  const answer = await exchange(server, { pieces: [head] })
  assert.match(answer.body, /<LocationConstraint/, answer.whole)
})

test(
  'signatures count for the public address, with and without its prefix',
  { skip },
  async (t) => {
    const publicUrl = parsePublicUrl('https://files.example.com/s3')
    const behind = await startS3Server({ site: { publicUrl }, authentication: { publicUrl } })
    t.after(() => behind.stop())
    const Bucket = freshName('public')
    const client = behind.client()
    await client.send(new CreateBucketCommand({ Bucket }))
    const { host } = new URL(behind.url)
    const target = `/${Bucket}?location=`
    const publicly = { headers: { host: 'files.example.com' } }
    const statusOf = async (
      changes: Parameters<typeof draftFor>[2],
    ): Promise<readonly number[]> => {
      const draft = draftFor(behind, Bucket, changes)
      const headers = { ...signInHeader(draft), host }
      const inHeader = await send(behind, { target, headers })
      const query = signInQuery(draft)
      const inQuery = await send(behind, {
        target: targetOf({ path: `/${Bucket}`, query }),
        headers: { host },
      })
      return [inHeader.status, inQuery.status]
    }
    assert.deepEqual(await statusOf({}), [200, 200])
    assert.deepEqual(await statusOf({ ...publicly, path: `/s3/${Bucket}` }), [200, 200])
    assert.deepEqual(await statusOf({ headers: { host: 'other.example.com' } }), [403, 403])
    assert.deepEqual(await statusOf({ ...publicly, path: `/other/${Bucket}` }), [403, 403])
    // Else what was signed for a bucket named as the prefix would count for another bucket.
    assert.deepEqual(await statusOf({ path: `/s3/${Bucket}` }), [403, 403])
    assert.deepEqual(await statusOf(publicly), [403, 403])

    const { fields } = await createPresignedPost(client, { Bucket, Key: 'a b', Expires: 60 })
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['x']))
    const answer = await fetch(`${behind.url}/${Bucket}`, { method: 'POST', body: form })
    assert.equal(answer.status, 204)
    const location = `https://files.example.com/s3/${Bucket}/a%20b`
    assert.equal(answer.headers.get('location'), location)
  },
)
