// What can be set on buckets beside what has a test of its own: tags, who pays, and all that Coffer
// refuses rather than pretends to do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: sdk.S3Client
let Bucket: string

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  Bucket = freshName('settings')
  await s3.send(new sdk.CreateBucketCommand({ Bucket }))
  await s3.send(new sdk.PutObjectCommand({ Bucket, Key: 'key', Body: Buffer.from('text') }))
})
after(() => server.stop())

function tagBucket(...TagSet: readonly sdk.Tag[]): Promise<sdk.PutBucketTaggingCommandOutput> {
  return s3.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [...TagSet] } }))
}

function many(count: number): readonly sdk.Tag[] {
  return Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: 'v' }))
}

test('the tags of a bucket are put, read, replaced and deleted', async () => {
  const get = () => s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))
  await assertRefused(get(), 404, 'NoSuchTagSet')
  const tags = [
    { Key: 'Größe', Value: '1 + 1 = 2_@:/-.' },
    { Key: 'empty', Value: '' },
  ]
  assert.equal((await tagBucket(...tags)).$metadata.httpStatusCode, 204)
  assert.deepEqual((await get()).TagSet, tags)
  await tagBucket({ Key: 'a', Value: 'b' })
  assert.deepEqual((await get()).TagSet, [{ Key: 'a', Value: 'b' }])
  await s3.send(new sdk.DeleteBucketTaggingCommand({ Bucket }))
  await assertRefused(get(), 404, 'NoSuchTagSet')
  await s3.send(new sdk.DeleteBucketTaggingCommand({ Bucket }))
})

test('a bucket may be created with tags', async () => {
  const tagged = freshName('tagged')
  const create = (...Tags: readonly sdk.Tag[]) => {
    const CreateBucketConfiguration = { Tags: [...Tags] }
    return s3.send(new sdk.CreateBucketCommand({ Bucket: tagged, CreateBucketConfiguration }))
  }
  const tag = { Key: 'team', Value: 'vision' }
  await assertRefused(create({ Key: 'aws:team', Value: 'vision' }), 400, 'InvalidTag')
  await assertRefused(s3.send(new sdk.HeadBucketCommand({ Bucket: tagged })), 404)
  await create(tag)
  const { TagSet } = await s3.send(new sdk.GetBucketTaggingCommand({ Bucket: tagged }))
  assert.deepEqual(TagSet, [tag])
  await create(tag)
  await assertRefused(create({ ...tag, Value: 'audio' }), 409, 'BucketAlreadyOwnedByYou')
})

test('tags that AWS refuses are refused', async () => {
  await tagBucket(...many(50))
  const refused: readonly (readonly [code: string, tags: readonly sdk.Tag[]])[] = [
    ['BadRequest', many(51)],
    ['InvalidTag', [...many(1), ...many(1)]],
    ['InvalidTag', [{ Key: 'aws:mine', Value: 'v' }]],
    ['InvalidTag', [{ Key: '', Value: 'v' }]],
    ['InvalidTag', [{ Key: 'k'.repeat(129), Value: 'v' }]],
    ['InvalidTag', [{ Key: 'k', Value: 'v'.repeat(257) }]],
    ['InvalidTag', [{ Key: 'a;b', Value: 'v' }]],
    ['InvalidTag', [{ Key: 'k', Value: 'a,b' }]],
  ]
  for (const [code, tags] of refused) await assertRefused(tagBucket(...tags), 400, code)
  const { TagSet } = await s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))
  assert.equal(TagSet?.length, 50)
})

test('the owner of a bucket pays, and nobody else can be made to', async () => {
  const put = (Payer: sdk.Payer) => {
    const RequestPaymentConfiguration = { Payer }
    return s3.send(new sdk.PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration }))
  }
  await put('BucketOwner')
  await assertRefused(put('Requester'), 501, 'NotImplemented')
  // @ts-expect-error nobody of that name can pay
  await assertRefused(put('Nobody'), 400, 'MalformedXML')
  const { Payer } = await s3.send(new sdk.GetBucketRequestPaymentCommand({ Bucket }))
  assert.equal(Payer, 'BucketOwner')
  const paying = { Bucket, Key: 'key', RequestPayer: 'requester' } as const
  assert.equal((await s3.send(new sdk.HeadObjectCommand(paying))).ContentLength, 4)
})

test('a setting that Coffer does not carry out is said to be missing, as AWS says it', async () => {
  const Id = 'some'
  const refused: readonly (readonly [code: string, answer: Promise<unknown>])[] = [
    [
      'ServerSideEncryptionConfigurationNotFoundError',
      s3.send(new sdk.GetBucketEncryptionCommand({ Bucket })),
    ],
    [
      'NoSuchLifecycleConfiguration',
      s3.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket })),
    ],
    [
      'ReplicationConfigurationNotFoundError',
      s3.send(new sdk.GetBucketReplicationCommand({ Bucket })),
    ],
    ['NoSuchWebsiteConfiguration', s3.send(new sdk.GetBucketWebsiteCommand({ Bucket }))],
    [
      'MetadataConfigurationNotFound',
      s3.send(new sdk.GetBucketMetadataConfigurationCommand({ Bucket })),
    ],
    [
      'NoSuchConfiguration',
      s3.send(new sdk.GetBucketAnalyticsConfigurationCommand({ Bucket, Id })),
    ],
    [
      'NoSuchConfiguration',
      s3.send(new sdk.GetBucketInventoryConfigurationCommand({ Bucket, Id })),
    ],
    [
      'NoSuchConfiguration',
      s3.send(new sdk.DeleteBucketMetricsConfigurationCommand({ Bucket, Id })),
    ],
    [
      'NoSuchAnnotation',
      s3.send(new sdk.GetObjectAnnotationCommand({ Bucket, Key: 'key', AnnotationName: 'a' })),
    ],
    [
      'NoSuchKey',
      s3.send(new sdk.GetObjectAnnotationCommand({ Bucket, Key: 'none', AnnotationName: 'a' })),
    ],
    ['NoSuchKey', s3.send(new sdk.GetObjectTorrentCommand({ Bucket, Key: 'key' }))],
  ]
  await Promise.all(refused.map(([code, answer]) => assertRefused(answer, 404, code)))
})

test('a setting without an error of its own is answered empty', async () => {
  const notification = await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }))
  assert.equal(notification.QueueConfigurations, undefined)
  const logging = await s3.send(new sdk.GetBucketLoggingCommand({ Bucket }))
  assert.equal(logging.LoggingEnabled, undefined)
  const accelerate = await s3.send(new sdk.GetBucketAccelerateConfigurationCommand({ Bucket }))
  assert.equal(accelerate.Status, undefined)
  const abac = await s3.send(new sdk.GetBucketAbacCommand({ Bucket }))
  assert.equal(abac.AbacStatus?.Status, 'Disabled')
  const inventories = await s3.send(new sdk.ListBucketInventoryConfigurationsCommand({ Bucket }))
  assert.equal(inventories.IsTruncated, false)
  assert.equal(inventories.InventoryConfigurationList, undefined)
  const annotations = await s3.send(new sdk.ListObjectAnnotationsCommand({ Bucket, Key: 'key' }))
  assert.equal(annotations.AnnotationCount, 0)
})

test('what is not there can be deleted', async () => {
  await s3.send(new sdk.DeleteBucketEncryptionCommand({ Bucket }))
  await s3.send(new sdk.DeleteBucketLifecycleCommand({ Bucket }))
  await s3.send(new sdk.DeleteBucketReplicationCommand({ Bucket }))
  await s3.send(new sdk.DeleteBucketWebsiteCommand({ Bucket }))
})

test('what Coffer does not carry out cannot be configured', async () => {
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } as const }
  const encryption = new sdk.PutBucketEncryptionCommand({
    Bucket,
    ServerSideEncryptionConfiguration: { Rules: [rule] },
  })
  await assertRefused(s3.send(encryption), 501, 'NotImplemented')
  const lifecycle = new sdk.PutBucketLifecycleConfigurationCommand({
    Bucket,
    LifecycleConfiguration: {
      Rules: [{ Status: 'Enabled', Expiration: { Days: 1 }, Filter: { Prefix: '' } }],
    },
  })
  await assertRefused(s3.send(lifecycle), 501, 'NotImplemented')
  const notification = new sdk.PutBucketNotificationConfigurationCommand({
    Bucket,
    NotificationConfiguration: { EventBridgeConfiguration: {} },
  })
  await assertRefused(s3.send(notification), 501, 'NotImplemented')
})

test('a bucket that is missing comes before what is not implemented', async () => {
  const gone = { Bucket: freshName('gone') }
  await assertRefused(s3.send(new sdk.GetBucketEncryptionCommand(gone)), 404, 'NoSuchBucket')
  await assertRefused(s3.send(new sdk.DeleteBucketWebsiteCommand(gone)), 404, 'NoSuchBucket')
  const restore = new sdk.RestoreObjectCommand({ ...gone, Key: 'key' })
  await assertRefused(s3.send(restore), 404, 'NoSuchBucket')
})

test('headers that ask for more than Coffer does are refused, and nothing is written', async () => {
  const put = (more: Partial<sdk.PutObjectCommandInput>) =>
    s3.send(new sdk.PutObjectCommand({ Bucket, Key: 'new', Body: Buffer.from('x'), ...more }))
  await assertRefused(put({ ServerSideEncryption: 'AES256' }), 501, 'NotImplemented')
  await assertRefused(put({ ServerSideEncryption: 'aws:kms' }), 501, 'NotImplemented')
  await assertRefused(put({ SSECustomerAlgorithm: 'AES256' }), 501, 'NotImplemented')
  await assertRefused(put({ WriteOffsetBytes: 4 }), 501, 'NotImplemented')
  await assertRefused(put({ StorageClass: 'GLACIER' }), 400, 'InvalidStorageClass')
  // @ts-expect-error there is no such class
  await assertRefused(put({ StorageClass: 'COLD' }), 400, 'InvalidStorageClass')
  await assertRefused(s3.send(new sdk.HeadObjectCommand({ Bucket, Key: 'new' })), 404)
  const begin = { Bucket, Key: 'new', ServerSideEncryption: 'AES256' } as const
  const upload = s3.send(new sdk.CreateMultipartUploadCommand(begin))
  await assertRefused(upload, 501, 'NotImplemented')
})
