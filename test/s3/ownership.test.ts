// Whose is what is written: the writer's, or the bucket's account's; and who may give up an upload.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type ObjectCannedACL,
  type ObjectOwnership,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { deriveAccount } from '../../src/services/access/accounts.ts'
import { type Caller, DEFAULT_ACCOUNT_ID, rootOf } from '../../src/services/access/caller.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import { assertRefused } from './assert-refused.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'

const WRITER = '111111111111'
const skip = isForeign && 'the callers exist only in this process'

let server: S3Server
/** The root of the account that owns the buckets. */
let owner: S3Client
/** The root of another account, which the buckets' policies let do everything. */
let writer: S3Client
/** Users of the first account who may write and nothing else. */
let alice: S3Client
let bob: S3Client

before(async () => {
  if (isForeign) return
  server = await startS3Server({
    callers: {
      writer: { secret: 'secret-of-writer', caller: rootOf(WRITER) },
      alice: { secret: 'secret-of-alice', caller: mayPut('alice') },
      bob: { secret: 'secret-of-bob', caller: mayPut('bob') },
    },
  })
  owner = server.client()
  writer = clientOf('writer')
  alice = clientOf('alice')
  bob = clientOf('bob')
})
after(() => server?.stop())

function mayPut(identity: string): Caller {
  const statement = { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  const policies = [{ source: 'policy', policy: parsePolicy(text, { kind: 'identity' }) }]
  return { kind: 'user', account: DEFAULT_ACCOUNT_ID, identity, tags: [], policies }
}

function clientOf(accessKeyId: string): S3Client {
  const credentials = { accessKeyId, secretAccessKey: `secret-of-${accessKeyId}` }
  return server.client({ credentials })
}

async function makeBucket(ObjectOwnership: ObjectOwnership): Promise<string> {
  const Bucket = freshName('owned')
  await owner.send(new CreateBucketCommand({ Bucket, ObjectOwnership }))
  const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`]
  const statement = { Effect: 'Allow', Principal: { AWS: WRITER }, Action: 's3:*', Resource }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  return Bucket
}

/** Writes an object in each of the ways that there are. */
async function writeAll(Bucket: string, ACL?: ObjectCannedACL): Promise<readonly string[]> {
  const given = { Bucket, ...(ACL !== undefined && { ACL }) }
  await writer.send(new PutObjectCommand({ ...given, Key: 'put', Body: 'text' }))
  await owner.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'text' }))
  // The source may be read in any case: where it is not the writer's, the policy lets it.
  const CopySource = `${Bucket}/${ACL === undefined ? 'put' : 'source'}`
  await writer.send(new CopyObjectCommand({ ...given, Key: 'copied', CopySource }))
  const upload = { Bucket, Key: 'uploaded' }
  const begin = new CreateMultipartUploadCommand({ ...given, ...upload })
  const { UploadId } = await writer.send(begin)
  const part = new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'text' })
  const { ETag } = await writer.send(part)
  const Parts = [{ PartNumber: 1, ETag }]
  const complete = { ...upload, UploadId, MultipartUpload: { Parts } }
  await writer.send(new CompleteMultipartUploadCommand(complete))
  return ['put', 'copied', 'uploaded']
}

/** The account that the object's list names as its owner; asked by whoever may. */
async function ownerOf(client: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Owner } = await client.send(new GetObjectAclCommand({ Bucket, Key }))
  const known = [DEFAULT_ACCOUNT_ID, WRITER]
  return known.find((id) => deriveAccount(id).canonicalId === Owner?.ID) ?? `unknown ${Owner?.ID}`
}

test(
  'the bucket’s account owns all that others write, where it is so enforced',
  { skip },
  async () => {
    const Bucket = await makeBucket('BucketOwnerEnforced')
    for (const Key of await writeAll(Bucket)) {
      assert.equal(await ownerOf(owner, Bucket, Key), DEFAULT_ACCOUNT_ID, Key)
    }
    const { Contents } = await owner.send(new ListObjectsCommand({ Bucket }))
    const owners = new Set(Contents?.map(({ Owner }) => Owner?.ID))
    assert.deepEqual([...owners], [deriveAccount(DEFAULT_ACCOUNT_ID).canonicalId])
  },
)

test(
  'whoever writes owns, where that is so, and the bucket’s account may not read',
  { skip },
  async () => {
    const Bucket = await makeBucket('ObjectWriter')
    for (const Key of await writeAll(Bucket)) {
      assert.equal(await ownerOf(writer, Bucket, Key), WRITER, Key)
      const get = owner.send(new GetObjectCommand({ Bucket, Key }))
      await assertRefused(get, 403, 'AccessDenied')
    }
  },
)

test(
  'where ACLs are disabled later, the bucket’s account owns what others wrote',
  { skip },
  async () => {
    const Bucket = await makeBucket('ObjectWriter')
    await writeAll(Bucket)
    const Rules = [{ ObjectOwnership: 'BucketOwnerEnforced' as const }]
    const controls = { Bucket, OwnershipControls: { Rules } }
    await owner.send(new PutBucketOwnershipControlsCommand(controls))
    await owner.send(new GetObjectCommand({ Bucket, Key: 'put' }))
    const { canonicalId } = deriveAccount(DEFAULT_ACCOUNT_ID)
    const first = await owner.send(new ListObjectsCommand({ Bucket }))
    const second = await owner.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }))
    const third = await owner.send(new ListObjectVersionsCommand({ Bucket }))
    const lists = [first.Contents, second.Contents, third.Versions]
    const owners = lists.flatMap((list) => list?.map(({ Owner }) => Owner?.ID))
    assert.deepEqual(owners, Array(12).fill(canonicalId))
  },
)

test(
  'BucketOwnerPreferred gives the bucket’s account what is given with full control',
  { skip },
  async () => {
    const Bucket = await makeBucket('BucketOwnerPreferred')
    for (const Key of await writeAll(Bucket, 'bucket-owner-full-control')) {
      assert.equal(await ownerOf(owner, Bucket, Key), DEFAULT_ACCOUNT_ID, Key)
      await owner.send(new HeadObjectCommand({ Bucket, Key }))
    }
    await writer.send(new PutObjectCommand({ Bucket, Key: 'mine', Body: 'text' }))
    assert.equal(await ownerOf(writer, Bucket, 'mine'), WRITER)
  },
)

test(
  'whoever began an upload may look at it and give it up, others may not',
  { skip },
  async () => {
    const Bucket = await makeBucket('BucketOwnerEnforced')
    const Key = 'upload'
    const { UploadId } = await alice.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const upload = { Bucket, Key, UploadId }
    await assertRefused(bob.send(new ListPartsCommand(upload)), 403, 'AccessDenied')
    await assertRefused(bob.send(new AbortMultipartUploadCommand(upload)), 403, 'AccessDenied')
    await alice.send(new ListPartsCommand(upload))
    await alice.send(new AbortMultipartUploadCommand(upload))
  },
)

test('uploads show who began them, beside who will own the object', { skip }, async () => {
  const Bucket = await makeBucket('BucketOwnerEnforced')
  await writer.send(new CreateMultipartUploadCommand({ Bucket, Key: 'upload' }))
  const { Uploads = [] } = await owner.send(new ListMultipartUploadsCommand({ Bucket }))
  const [upload] = Uploads
  assert.equal(upload?.Initiator?.ID, deriveAccount(WRITER).canonicalId)
  assert.equal(upload?.Owner?.ID, deriveAccount(DEFAULT_ACCOUNT_ID).canonicalId)
})
