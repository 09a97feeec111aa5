import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { openMemoryStore } from '../../storage/memory/memory-store.ts'
import { Storage } from '../../storage/storage.ts'
import { cannedAcl, renderAcl } from './access-control-list.ts'
import {
  ACL_DOCUMENT,
  findBucketAccess,
  getObjectOwnership,
  NO_PUBLIC_ACCESS_BLOCK,
  OWNERSHIP_DOCUMENT,
  parseOwnership,
  parsePublicAccessBlock,
  POLICY_DOCUMENT,
  PUBLIC_ACCESS_DOCUMENT,
  renderOwnership,
  renderPublicAccessBlock,
} from './bucket-access.ts'

const OWNER = '111111111111'
const ORIGIN = {
  account: OWNER,
  identity: 'root',
  requestId: '',
  sourceAddress: '',
  userAgent: '',
  ancestry: [],
}

let storage: Storage

beforeEach(async () => {
  storage = new Storage(await openMemoryStore())
  await storage.buckets.create('bucket', { origin: ORIGIN, owner: OWNER, objectLock: false })
})

function put(name: string, content: string): Promise<unknown> {
  return storage.documents.put('bucket', { name, content }, { origin: ORIGIN })
}

test('a new bucket is its owner’s alone, with ACLs disabled and nothing blocked', async () => {
  const bucket = await storage.buckets.get('bucket')
  assert.deepEqual(await findBucketAccess(storage, 'bucket'), {
    bucket,
    ownership: 'BucketOwnerEnforced',
    publicAccessBlock: NO_PUBLIC_ACCESS_BLOCK,
    acl: cannedAcl('private', { owner: OWNER, bucketOwner: OWNER }),
  })
})

test('what is kept about a bucket is found as it was kept', async () => {
  const acl = cannedAcl('public-read', { owner: OWNER, bucketOwner: OWNER })
  const block = { ...NO_PUBLIC_ACCESS_BLOCK, ignorePublicAcls: true }
  await put(OWNERSHIP_DOCUMENT, renderOwnership('BucketOwnerPreferred'))
  await put(PUBLIC_ACCESS_DOCUMENT, renderPublicAccessBlock(block))
  await put(ACL_DOCUMENT, renderAcl(acl))
  await put(POLICY_DOCUMENT, policyFor('*'))
  const access = await findBucketAccess(storage, 'bucket')
  assert.equal(access.ownership, 'BucketOwnerPreferred')
  assert.deepEqual(access.publicAccessBlock, block)
  assert.deepEqual(access.acl, acl)
  assert.equal(access.policy?.isPublic, true)
})

function policyFor(principal: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: principal },
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::bucket/*',
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: statement })
}

test('a policy that was replaced does not decide any more', async () => {
  await put(POLICY_DOCUMENT, policyFor('*'))
  assert.equal((await findBucketAccess(storage, 'bucket')).policy?.isPublic, true)
  await put(POLICY_DOCUMENT, policyFor(OWNER))
  assert.equal((await findBucketAccess(storage, 'bucket')).policy?.isPublic, false)
})

test('an ownership that was deleted leaves objects to their writers', async () => {
  await put(OWNERSHIP_DOCUMENT, renderOwnership(undefined))
  assert.equal(await getObjectOwnership(storage, 'bucket'), 'ObjectWriter')
  assert.equal(parseOwnership(renderOwnership(undefined)), undefined)
})

test('what nobody wrote is not guessed', async () => {
  for (const text of ['', '[]', 'null', '{"ownership":"Everybody"}']) {
    assert.throws(() => parseOwnership(text), Error, text)
  }
  for (const text of ['', '{}', '{"blockPublicAcls":"yes"}']) {
    assert.throws(() => parsePublicAccessBlock(text), Error, text)
  }
  await put(POLICY_DOCUMENT, '{}')
  await assert.rejects(findBucketAccess(storage, 'bucket'))
})
