// Retention, legal holds, and buckets' defaults.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  type ObjectLockRule,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('locked')
const Plain = freshName('plain')
const tomorrow = new Date(Math.ceil(Date.now() / 1000) * 1000 + 86_400_000)

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  await s3.send(new CreateBucketCommand({ Bucket: Plain }))
})
after(() => server.stop())

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from('x'), ...more }))
const remove = (Key: string, VersionId?: string, BypassGovernanceRetention?: boolean) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention }))
const retain = (Key: string, Retention: object, BypassGovernanceRetention?: boolean) =>
  s3.send(new PutObjectRetentionCommand({ Bucket, Key, Retention, BypassGovernanceRetention }))
const hold = (Key: string, Status: 'ON' | 'OFF') =>
  s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status } }))
const configure = (Rule?: ObjectLockRule, bucket = Bucket) =>
  s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
    }),
  )

test('a governed version stays until somebody who may bypasses that', async () => {
  const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: tomorrow } as const
  const { VersionId } = await put('governed', lock)
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'governed' }))
  assert.equal(head.ObjectLockMode, 'GOVERNANCE')
  assert.deepEqual(head.ObjectLockRetainUntilDate, tomorrow)
  await assertRefused(remove('governed', VersionId), 403, 'AccessDenied')
  await remove('governed')
  await remove('governed', VersionId, true)
})

test('a bulk delete names what is locked and removes the rest', async () => {
  const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: tomorrow } as const
  const locked = await put('bulk locked', lock)
  const free = await put('bulk free')
  const Objects = [
    { Key: 'bulk locked', VersionId: locked.VersionId },
    { Key: 'bulk free', VersionId: free.VersionId },
  ]
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  assert.deepEqual(
    answer.Errors?.map(({ Key, Code }) => [Key, Code]),
    [['bulk locked', 'AccessDenied']],
  )
  assert.deepEqual(
    answer.Deleted?.map(({ Key }) => Key),
    ['bulk free'],
  )
})

test('compliance is never shortened, nor bypassed', async () => {
  const { VersionId } = await put('compliant')
  await retain('compliant', { Mode: 'COMPLIANCE', RetainUntilDate: tomorrow })
  await assertRefused(remove('compliant', VersionId, true), 403, 'AccessDenied')
  const sooner = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + 60_000) }
  await assertRefused(retain('compliant', sooner, true), 403, 'AccessDenied')
  const later = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(tomorrow.getTime() + 60_000) }
  await retain('compliant', later)
  const got = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'compliant' }))
  assert.deepEqual(got.Retention, later)
})

test('a legal hold holds until it is released', async () => {
  const { VersionId } = await put('held', { ObjectLockLegalHoldStatus: 'ON' })
  await assertRefused(remove('held', VersionId, true), 403, 'AccessDenied')
  const status = new GetObjectLegalHoldCommand({ Bucket, Key: 'held' })
  assert.equal((await s3.send(status)).LegalHold?.Status, 'ON')
  await hold('held', 'OFF')
  assert.equal((await s3.send(status)).LegalHold?.Status, 'OFF')
  await remove('held', VersionId)
})

test('new versions get the default retention of their bucket', async () => {
  const rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3 } } as const
  await configure(rule)
  const { ObjectLockConfiguration } = await s3.send(
    new GetObjectLockConfigurationCommand({ Bucket }),
  )
  assert.deepEqual(ObjectLockConfiguration, { ObjectLockEnabled: 'Enabled', Rule: rule })
  await put('default')
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'default' }))
  assert.equal(head.ObjectLockMode, 'GOVERNANCE')
  const days = ((head.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()) / 86_400_000
  assert.ok(days > 2.9 && days < 3.1)
  await configure()
  await put('no default')
  const bare = await s3.send(new HeadObjectCommand({ Bucket, Key: 'no default' }))
  assert.equal(bare.ObjectLockMode, undefined)
})

test('a default has one period of sensible length', async () => {
  const refusals = [
    [{ Days: 1, Years: 1 }, 'MalformedXML'],
    [{}, 'MalformedXML'],
    [{ Days: 0 }, 'InvalidRetentionPeriod'],
    [{ Years: 101 }, 'InvalidRetentionPeriod'],
  ] as const
  for (const [period, code] of refusals) {
    const DefaultRetention = { Mode: 'GOVERNANCE', ...period } as const
    await assertRefused(configure({ DefaultRetention }), 400, code)
  }
})

test('buckets without object lock refuse locks, until they take it on', async () => {
  const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: tomorrow } as const
  await assertRefused(put('x', { Bucket: Plain, ...lock }), 400, 'InvalidRequest')
  const get = new GetObjectLockConfigurationCommand({ Bucket: Plain })
  await assertRefused(s3.send(get), 404, 'ObjectLockConfigurationNotFoundError')
  await assertRefused(configure(undefined, Plain), 409, 'InvalidBucketState')
  const set = (Status: 'Enabled' | 'Suspended', bucket: string) =>
    s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }))
  await set('Enabled', Plain)
  await configure(undefined, Plain)
  await put('x', { Bucket: Plain, ...lock })
  await assertRefused(set('Suspended', Plain), 409, 'InvalidBucketState')
})

test('locks that make no sense are refused', async () => {
  const past = new Date(Date.now() - 1000)
  const bad: readonly Partial<PutObjectCommandInput>[] = [
    { ObjectLockMode: 'GOVERNANCE' },
    { ObjectLockRetainUntilDate: tomorrow },
    { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: past },
  ]
  for (const lock of bad) await assertRefused(put('bad', lock), 400, 'InvalidArgument')
  await put('bad')
  const get = new GetObjectRetentionCommand({ Bucket, Key: 'bad' })
  await assertRefused(s3.send(get), 404, 'NoSuchObjectLockConfiguration')
  const odd = { Mode: 'governance', RetainUntilDate: tomorrow }
  await assertRefused(retain('bad', odd), 400, 'MalformedXML')
})

test('tags are replaced as a whole, and keep the version', async () => {
  const Key = 'tagged'
  const { VersionId } = await put(Key, { Tagging: 'a=1' })
  const TagSet = [
    { Key: 'b', Value: '2 @ä' },
    { Key: 'c', Value: '' },
  ]
  const tag = (Tagging: { TagSet: typeof TagSet }) =>
    s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging }))
  assert.equal((await tag({ TagSet })).VersionId, VersionId)
  const get = () => s3.send(new GetObjectTaggingCommand({ Bucket, Key }))
  assert.deepEqual((await get()).TagSet, TagSet)
  const twice = [
    { Key: 'b', Value: '1' },
    { Key: 'b', Value: '2' },
  ]
  await assertRefused(tag({ TagSet: twice }), 400, 'InvalidTag')
  const long = [{ Key: 'k'.repeat(129), Value: '' }]
  await assertRefused(tag({ TagSet: long }), 400, 'InvalidTag')
  const many = Array.from({ length: 11 }, (_, at) => ({ Key: `${at}`, Value: '' }))
  await assertRefused(tag({ TagSet: many }), 400, 'BadRequest')
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key }))
  assert.deepEqual((await get()).TagSet, [])
})
