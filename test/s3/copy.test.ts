// CopyObject: directives, conditions on both sides, and what must not be copied.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('copies')

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'source',
      Body: Buffer.from('text'),
      ContentType: 'text/plain',
      WebsiteRedirectLocation: '/there',
      Metadata: { old: 'yes' },
      Tagging: 'old=tag',
    }),
  )
})
after(() => server.stop())

const copy = (Key: string, more: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...more }))
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }))
const tagsOf = async (Key: string) =>
  (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet

test('a copy takes bytes, headers, metadata and tags along, but no redirect', async () => {
  const { CopyObjectResult } = await copy('plain')
  const source = await head('source')
  const copied = await head('plain')
  assert.equal(CopyObjectResult?.ETag, source.ETag)
  assert.equal(copied.ETag, source.ETag)
  assert.equal(copied.ContentType, 'text/plain')
  assert.deepEqual(copied.Metadata, { old: 'yes' })
  assert.equal(copied.WebsiteRedirectLocation, undefined)
  assert.deepEqual(await tagsOf('plain'), [{ Key: 'old', Value: 'tag' }])
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'plain' }))
  assert.equal(await got.Body?.transformToString(), 'text')
})

test('directives replace metadata with headers, and tags', async () => {
  await copy('replaced', {
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'REPLACE',
    ContentType: 'text/new',
    Metadata: { new: 'yes' },
    Tagging: 'new=tag',
  })
  const copied = await head('replaced')
  assert.equal(copied.ContentType, 'text/new')
  assert.deepEqual(copied.Metadata, { new: 'yes' })
  assert.deepEqual(await tagsOf('replaced'), [{ Key: 'new', Value: 'tag' }])
})

test('a copy onto itself must change something', async () => {
  await copy('self')
  const CopySource = `/${Bucket}/self`
  await assertRefused(copy('self', { CopySource }), 400, 'InvalidRequest')
  await copy('self', { CopySource, MetadataDirective: 'REPLACE', Metadata: { now: 'changed' } })
  assert.deepEqual((await head('self')).Metadata, { now: 'changed' })
  await copy('self', { CopySource, StorageClass: 'STANDARD' })
})

test('the source must be what the caller expects, each failure is 412', async () => {
  const { ETag } = await head('source')
  const past = new Date(Date.now() - 3_600_000)
  const future = new Date(Date.now() + 3_600_000)
  await copy('kept', { CopySourceIfMatch: ETag, CopySourceIfModifiedSince: past })
  const failing: readonly Partial<CopyObjectCommandInput>[] = [
    { CopySourceIfMatch: '"other"' },
    { CopySourceIfNoneMatch: ETag },
    { CopySourceIfUnmodifiedSince: past },
    { CopySourceIfModifiedSince: future },
  ]
  for (const condition of failing) {
    const refused = await assertRefused(copy('never', condition), 412, 'PreconditionFailed')
    assert.match(Reflect.get(refused, 'Condition'), /^x-amz-copy-source-If-/)
  }
})

test('so must the target', async () => {
  await copy('target', { IfNoneMatch: '*' })
  await assertRefused(copy('target', { IfNoneMatch: '*' }), 412, 'PreconditionFailed')
  await copy('target', { IfMatch: (await head('source')).ETag })
})

test('a copy may be given another checksum', async () => {
  const { CopyObjectResult } = await copy('summed', { ChecksumAlgorithm: 'SHA256' })
  const sha256 = createHash('sha256').update('text').digest('base64')
  assert.equal(CopyObjectResult?.ChecksumSHA256, sha256)
})

test('an old version is restored by copying it, and a marker cannot be copied', async () => {
  const versioned = freshName('restored')
  await s3.send(new CreateBucketCommand({ Bucket: versioned }))
  await s3.send(
    new PutBucketVersioningCommand({
      Bucket: versioned,
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  )
  const put = (text: string) =>
    s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'k', Body: Buffer.from(text) }))
  const old = await put('old')
  await put('new')
  const from = (VersionId?: string) =>
    s3.send(
      new CopyObjectCommand({
        Bucket: versioned,
        Key: 'k',
        CopySource: `${versioned}/k?versionId=${VersionId}`,
      }),
    )
  const restored = await from(old.VersionId)
  assert.equal(restored.CopySourceVersionId, old.VersionId)
  assert.notEqual(restored.VersionId, old.VersionId)
  const got = await s3.send(new GetObjectCommand({ Bucket: versioned, Key: 'k' }))
  assert.equal(await got.Body?.transformToString(), 'old')
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }))
  await assertRefused(from(marker.VersionId), 400, 'InvalidRequest')
})

test('sources that are not there, or not sources, are refused', async () => {
  await assertRefused(copy('x', { CopySource: `${Bucket}/missing` }), 404, 'NoSuchKey')
  const nowhere = `${freshName('nowhere')}/key`
  await assertRefused(copy('x', { CopySource: nowhere }), 404, 'NoSuchBucket')
  for (const CopySource of ['/', Bucket, `${Bucket}/`, `${Bucket}/%ff`]) {
    await assertRefused(copy('x', { CopySource }), 400, 'InvalidArgument')
  }
})

test('a source key may hold anything, percent-encoded', async () => {
  for (const key of ['a?versionId=b', 'a+b', 'ü/../😀', '%41']) {
    await copy(key)
    const CopySource = encodeURI(`${Bucket}/`) + encodeURIComponent(key)
    await copy(`copy of ${key}`, { CopySource })
    assert.equal((await head(`copy of ${key}`)).ContentLength, 4)
  }
})
