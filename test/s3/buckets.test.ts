// Buckets: creating, finding, listing, deleting, versioning state.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  type ListBucketsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client

before(async () => {
  server = await startS3Server()
  s3 = server.client()
})
after(() => server.stop())

const create = (Bucket: string, more = {}) => s3.send(new CreateBucketCommand({ Bucket, ...more }))

test('a bucket is there from its creation to its deletion', async () => {
  const Bucket = freshName('life')
  await assertRefused(s3.send(new HeadBucketCommand({ Bucket })), 404)
  assert.equal((await create(Bucket)).Location, `/${Bucket}`)
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, 'us-east-1')
  const { Buckets, Owner } = await s3.send(new ListBucketsCommand({}))
  const found = Buckets?.find(({ Name }) => Name === Bucket)
  assert.ok(found?.CreationDate instanceof Date && Owner?.ID)
  const location = await s3.send(new GetBucketLocationCommand({ Bucket }))
  assert.equal(location.LocationConstraint, undefined)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') }))
  await assertRefused(s3.send(new DeleteBucketCommand({ Bucket })), 409, 'BucketNotEmpty')
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'x' }))
  await s3.send(new DeleteBucketCommand({ Bucket }))
  await assertRefused(s3.send(new DeleteBucketCommand({ Bucket })), 404, 'NoSuchBucket')
})

test('a bucket says that it is where it was asked to be', async () => {
  const Bucket = freshName('located')
  await create(Bucket, { CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } })
  const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }))
  assert.equal(LocationConstraint, 'eu-central-1')
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, 'eu-central-1')
})

test('creating a bucket again changes nothing, as in us-east-1', async () => {
  const Bucket = freshName('again')
  await create(Bucket)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') }))
  await create(Bucket)
  await assertRefused(s3.send(new DeleteBucketCommand({ Bucket })), 409, 'BucketNotEmpty')
  const locked = create(Bucket, { ObjectLockEnabledForBucket: true })
  await assertRefused(locked, 409, 'BucketAlreadyOwnedByYou')
})

test('bad names are refused', async () => {
  for (const name of ['ab', 'UPPER', 'under_score', 'a..b', '127.0.0.1', 'x'.repeat(64)]) {
    await assertRefused(create(name), 400, 'InvalidBucketName')
  }
})

test('new buckets have no ACLs', async () => {
  const open = create(freshName('open'), { ACL: 'public-read' })
  await assertRefused(open, 400, 'InvalidBucketAclWithObjectOwnership')
  await create(freshName('closed'), { ACL: 'private', ObjectOwnership: 'BucketOwnerEnforced' })
})

test('who creates a bucket with the list `private`, as rclone does, may go on sending it', async () => {
  const Bucket = freshName('private')
  await create(Bucket, { ACL: 'private' })
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ACL: 'private' }))
  const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))
  assert.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerPreferred' }])
})

test('buckets are listed page by page and by prefix', async () => {
  const Prefix = freshName('paged')
  const names = ['-a', '-b', '-c'].map((end) => Prefix + end)
  for (const name of names) await create(name)
  const first = await s3.send(new ListBucketsCommand({ Prefix, MaxBuckets: 2 }))
  assert.deepEqual(
    first.Buckets?.map(({ Name }) => Name),
    names.slice(0, 2),
  )
  const { ContinuationToken } = first
  const rest = await s3.send(new ListBucketsCommand({ Prefix, MaxBuckets: 2, ContinuationToken }))
  assert.deepEqual(
    rest.Buckets?.map(({ Name }) => Name),
    names.slice(2),
  )
  assert.equal(rest.ContinuationToken, undefined)
  await assertRefused(s3.send(new ListBucketsCommand({ MaxBuckets: 0 })), 400, 'InvalidArgument')
})

test('a list that asks for anything says where buckets are, and chooses by that', async () => {
  const Prefix = freshName('where')
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const
  await create(`${Prefix}-1`)
  await create(`${Prefix}-2`, { CreateBucketConfiguration })
  await create(`${Prefix}-3`, { CreateBucketConfiguration })
  const list = async (more: ListBucketsCommandInput) => {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix, ...more }))
    return Buckets.map(({ Name, BucketRegion }) => [Name?.slice(Prefix.length), BucketRegion])
  }
  assert.deepEqual(await list({}), [
    ['-1', 'us-east-1'],
    ['-2', 'eu-west-1'],
    ['-3', 'eu-west-1'],
  ])
  assert.deepEqual(await list({ BucketRegion: 'eu-west-1', MaxBuckets: 1 }), [['-2', 'eu-west-1']])
  assert.deepEqual(await list({ BucketRegion: 'us-east-1' }), [['-1', 'us-east-1']])
  const all = await s3.send(new ListBucketsCommand({}))
  assert.ok(all.Buckets?.every(({ BucketRegion }) => BucketRegion === undefined))
})

test('versioning is off, then on, then suspended, and never off again', async () => {
  const Bucket = freshName('versioned')
  await create(Bucket)
  const set = (Status?: 'Enabled' | 'Suspended') =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
  const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status
  assert.equal(await status(), undefined)
  await set('Enabled')
  assert.equal(await status(), 'Enabled')
  await set('Suspended')
  assert.equal(await status(), 'Suspended')
  await assertRefused(set(), 400, 'IllegalVersioningConfigurationException')
})
