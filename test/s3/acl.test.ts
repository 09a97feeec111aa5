// Access control lists: of buckets and objects, by canned names, headers and documents.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  type AccessControlPolicy,
  type BucketCannedACL,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketAclCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  type Grant,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ObjectCannedACL,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { deriveAccount } from '../../src/services/access/accounts.ts'
import { DEFAULT_ACCOUNT_ID, rootOf } from '../../src/services/access/caller.ts'
import { assertRefused } from './assert-refused.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'

const skip = isForeign && 'the callers exist only in this process'
const other = { ...deriveAccount('111111111111'), displayName: 'other', email: 'o@example.com' }
const OWNER = deriveAccount(DEFAULT_ACCOUNT_ID).canonicalId
const OTHER = other.canonicalId
const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers'
const AUTHENTICATED = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery'

let server: S3Server
/** The root of the account that owns the buckets, of another account, and nobody. */
let s3: S3Client
let stranger: S3Client
let nobody: S3Client

before(async () => {
  server = await startS3Server({
    newBuckets: 'acl',
    accounts: [other],
    callers: { stranger: { secret: 'stranger-secret', caller: rootOf(other.id) } },
  })
  s3 = server.client()
  stranger = server.client({
    credentials: { accessKeyId: 'stranger', secretAccessKey: 'stranger-secret' },
  })
  nobody = server.client({ signer: { sign: async (request) => request } })
})
after(() => server.stop())

async function freshBucket(more: { ACL?: BucketCannedACL } = {}): Promise<string> {
  const Bucket = freshName('listed')
  await s3.send(new CreateBucketCommand({ Bucket, ...more }))
  return Bucket
}

type PutMore = {
  readonly client?: S3Client
  readonly ACL?: ObjectCannedACL
  readonly GrantRead?: string
}

async function put(Bucket: string, { client = s3, ...more }: PutMore = {}): Promise<void> {
  const Body = Buffer.from('text')
  await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body, ...more }))
}

/** Grants as short texts: the permission, and to whom. */
function short(grants: readonly Grant[] = []): readonly string[] {
  const names = new Map([
    [OWNER, 'owner'],
    [OTHER, 'other'],
    [ALL_USERS, 'everybody'],
    [AUTHENTICATED, 'accounts'],
    [LOG_DELIVERY, 'logs'],
  ])
  return grants.map(({ Permission, Grantee }) => {
    assert.equal(Grantee?.Type, Grantee?.URI === undefined ? 'CanonicalUser' : 'Group')
    return `${Permission} ${names.get(Grantee?.ID ?? Grantee?.URI ?? '')}`
  })
}

async function bucketGrants(Bucket: string): Promise<readonly string[]> {
  const { Owner, Grants } = await s3.send(new GetBucketAclCommand({ Bucket }))
  assert.equal(Owner?.ID, OWNER)
  return short(Grants)
}

async function objectGrants(
  Bucket: string,
  { client = s3, ...more }: { client?: S3Client; VersionId?: string } = {},
): Promise<readonly string[]> {
  const { Grants } = await client.send(new GetObjectAclCommand({ Bucket, Key: 'key', ...more }))
  return short(Grants)
}

function policy(...Grants: readonly Grant[]): AccessControlPolicy {
  return { Owner: { ID: OWNER }, Grants: [...Grants] }
}

const TO_OTHER: Grant = { Permission: 'READ', Grantee: { Type: 'CanonicalUser', ID: OTHER } }

test('what was given no list is its owner’s alone', { skip }, async () => {
  const Bucket = await freshBucket()
  await put(Bucket)
  const { Owner } = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'key' }))
  assert.deepEqual(Owner, { ID: OWNER, DisplayName: 'coffer' })
  assert.deepEqual(await bucketGrants(Bucket), ['FULL_CONTROL owner'])
  assert.deepEqual(await objectGrants(Bucket), ['FULL_CONTROL owner'])
  const get = new GetObjectCommand({ Bucket, Key: 'key' })
  await assertRefused(stranger.send(get), 403, 'AccessDenied')
  await assertRefused(nobody.send(get), 403, 'AccessDenied')
})

type Canned = readonly [ACL: ObjectCannedACL & BucketCannedACL, grants: readonly string[]]

const CANNED: readonly Canned[] = [
  ['private', []],
  ['public-read', ['READ everybody']],
  ['public-read-write', ['READ everybody', 'WRITE everybody']],
  ['authenticated-read', ['READ accounts']],
]

test('a canned name stands for its grants, when created and when put', { skip }, async () => {
  for (const [ACL, grants] of CANNED) {
    const expected = [...grants, 'FULL_CONTROL owner']
    const Bucket = await freshBucket({ ACL })
    assert.deepEqual(await bucketGrants(Bucket), expected)
    await put(Bucket, { ACL })
    assert.deepEqual(await objectGrants(Bucket), expected)
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }))
    await s3.send(new PutObjectAclCommand({ Bucket, Key: 'key', ACL: 'private' }))
    assert.deepEqual(await bucketGrants(Bucket), ['FULL_CONTROL owner'])
    assert.deepEqual(await objectGrants(Bucket), ['FULL_CONTROL owner'])
    await s3.send(new PutBucketAclCommand({ Bucket, ACL }))
    await s3.send(new PutObjectAclCommand({ Bucket, Key: 'key', ACL }))
    assert.deepEqual(await bucketGrants(Bucket), expected)
    assert.deepEqual(await objectGrants(Bucket), expected)
  }
  // @ts-expect-error S3 has it, the SDK not
  const Bucket = await freshBucket({ ACL: 'log-delivery-write' })
  assert.deepEqual(await bucketGrants(Bucket), [
    'WRITE logs',
    'READ_ACP logs',
    'FULL_CONTROL owner',
  ])
})

test('lists open what they grant, and nothing else', { skip }, async () => {
  const Bucket = await freshBucket({ ACL: 'public-read' })
  await put(Bucket, { ACL: 'authenticated-read' })
  const get = new GetObjectCommand({ Bucket, Key: 'key' })
  const list = new ListObjectsV2Command({ Bucket })
  assert.equal((await nobody.send(list)).KeyCount, 1)
  await assertRefused(nobody.send(get), 403, 'AccessDenied')
  assert.equal(await (await stranger.send(get)).Body?.transformToString(), 'text')
  await assertRefused(put(Bucket, { client: stranger }), 403, 'AccessDenied')
  const readAcl = stranger.send(new GetObjectAclCommand({ Bucket, Key: 'key' }))
  await assertRefused(readAcl, 403, 'AccessDenied')
})

test('an object of another account is that account’s, with what it grants', { skip }, async () => {
  const Bucket = await freshBucket({ ACL: 'public-read-write' })
  await put(Bucket, { client: stranger })
  const get = new GetObjectCommand({ Bucket, Key: 'key' })
  await assertRefused(s3.send(get), 403, 'AccessDenied')
  await put(Bucket, { client: stranger, ACL: 'bucket-owner-read' })
  assert.equal((await s3.send(get)).ContentLength, 4)
  assert.deepEqual(await objectGrants(Bucket, { client: stranger }), [
    'FULL_CONTROL other',
    'READ owner',
  ])
  await put(Bucket, { client: stranger, ACL: 'bucket-owner-full-control' })
  const { Owner } = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'key' }))
  assert.equal(Owner?.ID, OTHER)
  assert.deepEqual(await objectGrants(Bucket), ['FULL_CONTROL other', 'FULL_CONTROL owner'])
})

test('grants in headers are all that there is then', { skip }, async () => {
  const Bucket = freshName('granted')
  const GrantRead = `id="${OTHER}", uri=${ALL_USERS}`
  const GrantFullControl = 'emailAddress="o@example.com"'
  await s3.send(new CreateBucketCommand({ Bucket, GrantRead, GrantFullControl }))
  const grants = ['READ everybody', 'READ other', 'FULL_CONTROL other']
  assert.deepEqual(await bucketGrants(Bucket), grants)
  await put(Bucket, { GrantRead })
  assert.deepEqual(await objectGrants(Bucket), ['READ everybody', 'READ other'])
  await s3.send(new PutBucketAclCommand({ Bucket, GrantWriteACP: `id=${OTHER}` }))
  assert.deepEqual(await bucketGrants(Bucket), ['WRITE_ACP other'])
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'key', GrantReadACP: `id=${OWNER}` }))
  assert.deepEqual(await objectGrants(Bucket), ['READ_ACP owner'])
})

test('a document is kept as it was put, and e-mail addresses become ids', { skip }, async () => {
  const Bucket = await freshBucket()
  await put(Bucket)
  const AccessControlPolicy = policy(
    { Permission: 'FULL_CONTROL', Grantee: { Type: 'CanonicalUser', ID: OWNER } },
    {
      Permission: 'READ_ACP',
      Grantee: { Type: 'AmazonCustomerByEmail', EmailAddress: 'o@example.com' },
    },
    { Permission: 'READ', Grantee: { Type: 'Group', URI: AUTHENTICATED } },
  )
  const grants = ['READ accounts', 'FULL_CONTROL owner', 'READ_ACP other']
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy }))
  assert.deepEqual(await bucketGrants(Bucket), grants)
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'key', AccessControlPolicy }))
  assert.deepEqual(await objectGrants(Bucket), grants)
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: policy() }))
  assert.deepEqual(await bucketGrants(Bucket), [])
})

test('each version has its own list', { skip }, async () => {
  const Bucket = await freshBucket()
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  await put(Bucket)
  const { VersionId = '' } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'key' }))
  await put(Bucket)
  const change = { Bucket, Key: 'key', VersionId, ACL: 'public-read' } as const
  const changed = await s3.send(new PutObjectAclCommand(change))
  assert.equal(changed.$metadata.httpStatusCode, 200)
  assert.deepEqual(await objectGrants(Bucket), ['FULL_CONTROL owner'])
  const first = await objectGrants(Bucket, { VersionId })
  assert.deepEqual(first, ['READ everybody', 'FULL_CONTROL owner'])
})

test('a copy is private unless it is given a list', { skip }, async () => {
  const Bucket = await freshBucket()
  await put(Bucket, { ACL: 'public-read' })
  const copy = async (ACL?: ObjectCannedACL) => {
    const target = { Bucket, Key: 'copy', CopySource: `${Bucket}/key` }
    await s3.send(new CopyObjectCommand({ ...target, ...(ACL && { ACL }) }))
    const { Grants } = await s3.send(new GetObjectAclCommand({ Bucket, Key: 'copy' }))
    return short(Grants)
  }
  assert.deepEqual(await copy(), ['FULL_CONTROL owner'])
  assert.deepEqual(await copy('authenticated-read'), ['READ accounts', 'FULL_CONTROL owner'])
})

test('a multipart upload has the list that it began with', { skip }, async () => {
  const Bucket = await freshBucket()
  const name = { Bucket, Key: 'key' }
  const begin = new CreateMultipartUploadCommand({ ...name, ACL: 'public-read' })
  const { UploadId } = await s3.send(begin)
  const part = { ...name, UploadId, PartNumber: 1, Body: Buffer.from('part') }
  const { ETag } = await s3.send(new UploadPartCommand(part))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  await s3.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload }))
  assert.deepEqual(await objectGrants(Bucket), ['READ everybody', 'FULL_CONTROL owner'])
  assert.equal((await nobody.send(new GetObjectCommand(name))).ContentLength, 4)
  const refused = new AbortMultipartUploadCommand({ ...name, UploadId })
  await assertRefused(s3.send(refused), 404, 'NoSuchUpload')
})

/** A document with one grant, which the SDK would not write so. */
function withGrant(grant: unknown): object {
  return { AccessControlPolicy: { Owner: { ID: OWNER }, Grants: [grant] } }
}

test('lists that make no sense are refused', { skip }, async () => {
  const Bucket = await freshBucket()
  const refuse = (more: object, code: string) =>
    assertRefused(s3.send(new PutBucketAclCommand({ Bucket, ...more })), 400, code)
  await refuse({ ACL: 'public-ready' }, 'InvalidArgument')
  await refuse({ ACL: 'private', GrantRead: `id=${OTHER}` }, 'InvalidRequest')
  await refuse({ ACL: 'private', AccessControlPolicy: policy(TO_OTHER) }, 'UnexpectedContent')
  await refuse({}, 'MissingSecurityHeader')
  await refuse({ GrantRead: 'id=nobody' }, 'InvalidArgument')
  await refuse({ GrantRead: 'uri=http://example.com/' }, 'InvalidArgument')
  await refuse({ GrantRead: 'name=other' }, 'InvalidArgument')
  await refuse({ GrantRead: 'emailAddress=x@example.com' }, 'UnresolvableGrantByEmailAddress')
  await refuse(withGrant({ ...TO_OTHER, Permission: 'SEE' }), 'MalformedACLError')
  await refuse(
    withGrant({ Permission: 'READ', Grantee: { Type: 'Person', ID: OTHER } }),
    'MalformedACLError',
  )
  const invalid = await refuse(
    withGrant({ Permission: 'READ', Grantee: { Type: 'CanonicalUser', ID: '_foo' } }),
    'InvalidArgument',
  )
  assert.equal(invalid.message, 'Invalid id')
  await refuse({ AccessControlPolicy: { Grants: [TO_OTHER] } }, 'MalformedACLError')
  const many = Array.from({ length: 101 }, () => TO_OTHER)
  await refuse({ AccessControlPolicy: policy(...many) }, 'MalformedACLError')
  assert.deepEqual(await bucketGrants(Bucket), ['FULL_CONTROL owner'])
  await put(Bucket)
  // @ts-expect-error it is for buckets
  await assertRefused(put(Bucket, { ACL: 'log-delivery-write' }), 400, 'InvalidArgument')
})

test('no list changes who owns something', { skip }, async () => {
  const Bucket = await freshBucket()
  const AccessControlPolicy = { Owner: { ID: OTHER }, Grants: [TO_OTHER] }
  const change = s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy }))
  await assertRefused(change, 403, 'AccessDenied')
})

test('creating a bucket again does not change its list', { skip }, async () => {
  const Bucket = await freshBucket({ ACL: 'public-read' })
  await s3.send(new CreateBucketCommand({ Bucket, ACL: 'public-read' }))
  const again = (more: { ACL?: BucketCannedACL }) =>
    s3.send(new CreateBucketCommand({ Bucket, ...more }))
  await assertRefused(again({}), 409, 'BucketAlreadyExists')
  await assertRefused(again({ ACL: 'public-read-write' }), 409, 'BucketAlreadyExists')
  assert.deepEqual(await bucketGrants(Bucket), ['READ everybody', 'FULL_CONTROL owner'])
})

test('a block on public lists refuses them all, and no other', { skip }, async () => {
  const Bucket = await freshBucket()
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
  for (const ACL of ['public-read', 'public-read-write', 'authenticated-read'] as const) {
    await assertRefused(s3.send(new PutBucketAclCommand({ Bucket, ACL })), 403, 'AccessDenied')
    await assertRefused(put(Bucket, { ACL }), 403, 'AccessDenied')
  }
  await put(Bucket, { GrantRead: `id=${OTHER}` })
  const change = new PutObjectAclCommand({ Bucket, Key: 'key', ACL: 'public-read' })
  await assertRefused(s3.send(change), 403, 'AccessDenied')
  assert.deepEqual(await objectGrants(Bucket), ['READ other'])
})

test('where the bucket’s owner owns all, lists are shown and not changed', { skip }, async () => {
  const Bucket = await freshBucket()
  await put(Bucket, { ACL: 'public-read' })
  await s3.send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    }),
  )
  assert.deepEqual(await bucketGrants(Bucket), ['FULL_CONTROL owner'])
  assert.deepEqual(await objectGrants(Bucket), ['FULL_CONTROL owner'])
  const code = 'AccessControlListNotSupported'
  for (const ACL of ['public-read', 'private', 'aws-exec-read'] as const) {
    await assertRefused(put(Bucket, { ACL }), 400, code)
    const change = new PutObjectAclCommand({ Bucket, Key: 'key', ACL })
    await assertRefused(s3.send(change), 400, code)
  }
  await assertRefused(
    s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: policy(TO_OTHER) })),
    400,
    code,
  )
  const Grantee = { Type: 'CanonicalUser', ID: OWNER } as const
  const mine = policy({ Permission: 'FULL_CONTROL', Grantee })
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: mine }))
  await put(Bucket, { ACL: 'bucket-owner-full-control' })
  const created = new CreateBucketCommand({
    Bucket: freshName('enforced'),
    ObjectOwnership: 'BucketOwnerEnforced',
    ACL: 'public-read',
  })
  await assertRefused(s3.send(created), 400, 'InvalidBucketAclWithObjectOwnership')
})
