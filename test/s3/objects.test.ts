// Put, get, head and delete through the AWS SDK.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import {
  ChecksumAlgorithm,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { digestOf } from '../../src/base/digest.ts'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('objects')

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

const put = (Key: string, body: string | Readable, more: Partial<PutObjectCommandInput> = {}) => {
  const Body = typeof body === 'string' ? Buffer.from(body) : body
  return s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))
}
const get = (Key: string, more = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...more }))
const head = (Key: string, more = {}) => s3.send(new HeadObjectCommand({ Bucket, Key, ...more }))
const remove = (Key: string, more = {}) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, ...more }))
const textOf = async (Key: string, more = {}) => (await get(Key, more)).Body?.transformToString()

test('an object comes back as it was put, with everything it was given', async () => {
  const given = {
    ContentType: 'text/plain; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a b.txt"',
    ContentEncoding: 'identity',
    ContentLanguage: 'de',
    WebsiteRedirectLocation: '/elsewhere',
    Metadata: { colour: 'blue', empty: '' },
  }
  const stored = await put('whole', 'hello', { ...given, Tagging: 'a=1&b=two%20words' })
  assert.equal(stored.ETag, '"5d41402abc4b2a76b9719d911017c592"')
  assert.equal(stored.VersionId, undefined)
  for (const answer of [await get('whole'), await head('whole')]) {
    for (const [name, value] of Object.entries(given)) {
      assert.deepEqual(Reflect.get(answer, name), value, name)
    }
    assert.equal(answer.ETag, stored.ETag)
    assert.equal(answer.ContentLength, 5)
    assert.equal(answer.AcceptRanges, 'bytes')
    assert.ok(Math.abs(Date.now() - (answer.LastModified?.getTime() ?? 0)) < 60_000)
  }
  assert.equal((await get('whole')).TagCount, 2)
  assert.equal(await textOf('whole'), 'hello')
})

test('keys are kept exactly, and a prefix of a key is a key of its own', async () => {
  const keys = ['a', 'a/', 'a/b', 'a//b', '/a', 'a/../b', './a', '%41', 'a+b', 'a b', 'Grüße😀']
  for (const key of [...keys, 'tab\tand\u0001', 'quo\'te"<&>', 'k'.repeat(1024)]) {
    await put(key, `body of ${key}`)
  }
  for (const key of keys) assert.equal(await textOf(key), `body of ${key}`, key)
  assert.equal(await textOf('tab\tand\u0001'), 'body of tab\tand\u0001')
  await assertRefused(put('k'.repeat(1025), ''), 400, 'KeyTooLongError')
})

test('metadata is Unicode', async () => {
  await put('unicode', '', { Metadata: { greeting: '=?UTF-8?B?R3LDvMOfZQ==?=' } })
  const { Metadata } = await head('unicode')
  assert.equal(Metadata?.['greeting'], '=?UTF-8?B?R3LDvMOfZQ==?=')
})

test('metadata beyond 2 KiB is refused', async () => {
  const Metadata = { large: 'x'.repeat(2050) }
  await assertRefused(put('large-metadata', '', { Metadata }), 400, 'MetadataTooLarge')
})

test('a stream of known length arrives with its trailing checksum', async () => {
  const body = randomBytes(3_000_000)
  const stored = await put('stream', Readable.from([body.subarray(0, 7), body.subarray(7)]), {
    ContentLength: body.length,
  })
  assert.ok(stored.ChecksumCRC32)
  const got = await get('stream', { ChecksumMode: 'ENABLED' })
  assert.equal(got.ChecksumCRC32, stored.ChecksumCRC32)
  assert.equal(got.ContentEncoding, undefined)
  assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), body)
})

test('each of the four ranges is answered with 206', async () => {
  await put('ranged', '0123456789')
  const cases = [
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=8-', '89', 'bytes 8-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ] as const
  for (const [Range, text, contentRange] of cases) {
    const got = await get('ranged', { Range })
    assert.equal(got.$metadata.httpStatusCode, 206, Range)
    assert.equal(got.ContentRange, contentRange)
    assert.equal(got.ContentLength, text.length)
    assert.equal(await got.Body?.transformToString(), text)
  }
  assert.equal((await head('ranged', { Range: 'bytes=2-4' })).ContentLength, 3)
})

test('a range outside the object is 416, nonsense is the whole object', async () => {
  await put('outside', '0123456789')
  await assertRefused(get('outside', { Range: 'bytes=10-12' }), 416, 'InvalidRange')
  await assertRefused(get('outside', { Range: 'bytes=-0' }), 416, 'InvalidRange')
  for (const Range of ['bytes=5-2', 'lines=1-2', 'bytes=0-1,3-4']) {
    const got = await get('outside', { Range })
    assert.equal(got.$metadata.httpStatusCode, 200, Range)
    assert.equal(await got.Body?.transformToString(), '0123456789')
  }
})

test('an empty object is whole, and no range lies in it', async () => {
  await put('empty', '')
  const got = await get('empty')
  assert.equal(got.ContentLength, 0)
  assert.equal(got.ETag, '"d41d8cd98f00b204e9800998ecf8427e"')
  await assertRefused(get('empty', { Range: 'bytes=0-0' }), 416, 'InvalidRange')
})

test('reads obey their conditions', async () => {
  const { ETag = '' } = await put('conditional', 'text')
  const past = new Date(Date.now() - 3_600_000)
  const future = new Date(Date.now() + 3_600_000)
  assert.equal(await textOf('conditional', { IfMatch: ETag }), 'text')
  assert.equal(await textOf('conditional', { IfMatch: '*', IfUnmodifiedSince: past }), 'text')
  assert.equal(
    await textOf('conditional', { IfNoneMatch: '"other"', IfModifiedSince: future }),
    'text',
  )
  await assertRefused(get('conditional', { IfMatch: '"other"' }), 412, 'PreconditionFailed')
  await assertRefused(get('conditional', { IfUnmodifiedSince: past }), 412, 'PreconditionFailed')
  await assertRefused(head('conditional', { IfMatch: '"other"' }), 412)
  await assertRefused(get('conditional', { IfNoneMatch: ETag }), 304)
  await assertRefused(head('conditional', { IfModifiedSince: future }), 304)
})

test('If-None-Match: * creates once, If-Match swaps what was read', async () => {
  const first = await put('swapped', 'one', { IfNoneMatch: '*' })
  const refusal = put('swapped', 'two', { IfNoneMatch: '*' })
  const refused = await assertRefused(refusal, 412, 'PreconditionFailed')
  // s3fs and fsspec take this name, and only it, for "the file exists".
  assert.equal(Reflect.get(refused, 'Condition'), 'If-None-Match')
  await put('swapped', 'two', { IfMatch: first.ETag })
  await assertRefused(put('swapped', 'three', { IfMatch: first.ETag }), 412, 'PreconditionFailed')
  await assertRefused(put('never', 'x', { IfMatch: '*' }), 404, 'NoSuchKey')
  assert.equal(await textOf('swapped'), 'two')
})

test('of many that create at once, exactly one succeeds', async () => {
  const attempts = Array.from({ length: 20 }, (_, at) => put('race', `${at}`, { IfNoneMatch: '*' }))
  const results = await Promise.allSettled(attempts)
  const winners = results.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []))
  assert.equal(winners.length, 1)
  assert.equal(await textOf('race'), `${winners[0]}`)
})

test('the query of a GET overrides headers of the answer', async () => {
  await put('override', '', { ContentType: 'text/plain', CacheControl: 'no-store' })
  const got = await get('override', {
    ResponseContentType: 'application/json',
    ResponseContentDisposition: 'attachment; filename="x"',
    ResponseContentLanguage: 'fr',
    ResponseContentEncoding: 'gzip',
    ResponseCacheControl: 'max-age=1',
    ResponseExpires: new Date('2030-01-01T00:00:00Z'),
  })
  assert.equal(got.ContentType, 'application/json')
  assert.equal(got.ContentDisposition, 'attachment; filename="x"')
  assert.equal(got.ContentLanguage, 'fr')
  assert.equal(got.ContentEncoding, 'gzip')
  assert.equal(got.CacheControl, 'max-age=1')
  assert.equal(got.ExpiresString, 'Tue, 01 Jan 2030 00:00:00 GMT')
})

test('checksums that the SDK computes are compared, kept, and shown on request', async () => {
  const sdkComputes = ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const
  for (const algorithm of sdkComputes) {
    const field = `Checksum${algorithm}` as const
    const stored = await put(`sum-${algorithm}`, 'hello', { ChecksumAlgorithm: algorithm })
    assert.ok(stored[field], algorithm)
    const silent = await head(`sum-${algorithm}`)
    assert.equal(silent[field], undefined)
    const shown = await head(`sum-${algorithm}`, { ChecksumMode: 'ENABLED' })
    assert.equal(shown[field], stored[field])
    assert.equal(shown.ChecksumType, 'FULL_OBJECT')
  }
})

test('checksums that clients compute themselves are compared, whatever the algorithm', async () => {
  const text = Buffer.from('123456789')
  // The check values of the CRC catalogue, and the digests of OpenSSL; xxHash is ours.
  const values: Partial<Record<ChecksumAlgorithm, string>> = {
    CRC32: 'y/Q5Jg==',
    CRC32C: '4waSgw==',
    CRC64NVME: 'rosUhgp5mIg=',
    SHA1: createHash('sha1').update('123456789').digest('base64'),
    SHA256: createHash('sha256').update('123456789').digest('base64'),
    SHA512: createHash('sha512').update('123456789').digest('base64'),
    MD5: createHash('md5').update('123456789').digest('base64'),
    XXHASH64: Buffer.from(digestOf('XXHASH64', text)).toString('base64'),
    XXHASH3: Buffer.from(digestOf('XXHASH3', text)).toString('base64'),
    XXHASH128: Buffer.from(digestOf('XXHASH128', text)).toString('base64'),
  }
  for (const [algorithm, value] of Object.entries(values)) {
    const field = `Checksum${algorithm}`
    const stored = await put('summed', '123456789', { [field]: value })
    assert.equal(Reflect.get(stored, field), value, algorithm)
    await assertRefused(put('summed', '12345678', { [field]: value }), 400, 'BadDigest')
    await assertRefused(put('summed', '123456789', { [field]: 'bad' }), 400, 'InvalidRequest')
  }
  assert.deepEqual(new Set(Object.keys(values)), new Set(Object.values(ChecksumAlgorithm)))
  assert.equal((await head('summed')).ContentLength, 9)
})

test('a body that is not what Content-MD5 says is refused and changes nothing', async () => {
  await put('md5', 'before')
  const ContentMD5 = createHash('md5').update('other').digest('base64')
  await assertRefused(put('md5', 'after', { ContentMD5 }), 400, 'BadDigest')
  await assertRefused(put('md5', 'after', { ContentMD5: 'YWJj' }), 400, 'InvalidDigest')
  assert.equal(await textOf('md5'), 'before')
})

test('what Coffer does not carry out is refused, never ignored', async () => {
  await assertRefused(put('x', '', { StorageClass: 'GLACIER' }), 400, 'InvalidStorageClass')
  await assertRefused(put('x', '', { ServerSideEncryption: 'AES256' }), 501, 'NotImplemented')
  await assertRefused(put('x', '', { WriteOffsetBytes: 0 }), 501, 'NotImplemented')
  await assertRefused(put('x', '', { ACL: 'public-read' }), 400, 'AccessControlListNotSupported')
  const GrantRead = 'uri=http://acs.amazonaws.com/groups/global/AllUsers'
  await assertRefused(put('x', '', { GrantRead }), 400, 'AccessControlListNotSupported')
  await assertRefused(put('x', '', { ExpectedBucketOwner: '123456789012' }), 403, 'AccessDenied')
  await put('x', '', { ACL: 'bucket-owner-full-control', StorageClass: 'STANDARD' })
  // What is so anyway, in a bucket that nobody chose an ownership for: clients of MinIO send it.
  await put('x', '', { ACL: 'private' })
})

test('a missing key and a missing bucket have errors of their own', async () => {
  await assertRefused(get('missing'), 404, 'NoSuchKey')
  await assertRefused(head('missing'), 404)
  await assertRefused(get('a', { VersionId: 'nonsense' }), 404, 'NoSuchVersion')
  const Nowhere = { Bucket: freshName('nowhere') }
  await assertRefused(get('missing', Nowhere), 404, 'NoSuchBucket')
  await assertRefused(put('missing', 'x', Nowhere), 404, 'NoSuchBucket')
})

test('a delete is idempotent, and conditional when asked', async () => {
  const { ETag } = await put('deleted', 'x')
  await assertRefused(remove('deleted', { IfMatch: '"other"' }), 412, 'PreconditionFailed')
  const removed = await remove('deleted', { IfMatch: ETag })
  assert.equal(removed.$metadata.httpStatusCode, 204)
  assert.equal(removed.DeleteMarker, undefined)
  assert.equal((await remove('deleted')).$metadata.httpStatusCode, 204)
  await assertRefused(remove('deleted', { IfMatch: '*' }), 404, 'NoSuchKey')
  assert.equal((await remove('deleted', { IfMatchSize: 1 })).$metadata.httpStatusCode, 204)
  await assertRefused(get('deleted'), 404, 'NoSuchKey')
})

test('deletes in bulk answer for each key', async () => {
  await Promise.all(['bulk/1', 'bulk/2', 'bulk/\u0001', 'bulk/<&>'].map((key) => put(key, key)))
  const Objects = [
    { Key: 'bulk/1' },
    { Key: 'bulk/2', ETag: '"other"' },
    { Key: 'bulk/<&>' },
    { Key: 'bulk/none' },
  ]
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  const deleted = answer.Deleted?.map(({ Key }) => Key).toSorted()
  assert.deepEqual(deleted, ['bulk/1', 'bulk/<&>', 'bulk/none'])
  assert.deepEqual(
    answer.Errors?.map(({ Key, Code }) => [Key, Code]),
    [['bulk/2', 'PreconditionFailed']],
  )
  const left = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'bulk/' }))
  assert.deepEqual(
    left.Contents?.map(({ Key }) => Key),
    ['bulk/\u0001', 'bulk/2'],
  )
})

test('a quiet bulk delete tells only what failed, and takes at most 1,000 keys', async () => {
  await put('quiet', '')
  const Delete = { Quiet: true, Objects: [{ Key: 'quiet' }] }
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }))
  assert.equal(answer.Deleted, undefined)
  assert.equal(answer.Errors, undefined)
  const Objects = Array.from({ length: 1001 }, (_, at) => ({ Key: `${at}` }))
  const many = s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  await assertRefused(many, 400, 'MalformedXML')
})
