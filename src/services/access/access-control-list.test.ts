import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cannedAcl,
  type CannedAclName,
  findNeededPermission,
  type Grant,
  includesPermission,
  isCannedAclName,
  isGrantedTo,
  isPublicAcl,
  parseAcl,
  renderAcl,
} from './access-control-list.ts'
import { ANONYMOUS, rootOf } from './caller.ts'

const OWNER = '111111111111'
const BUCKET_OWNER = '222222222222'

const CANNED: Readonly<Record<CannedAclName, readonly string[]>> = {
  private: ['111111111111 FULL_CONTROL'],
  'public-read': ['111111111111 FULL_CONTROL', 'all-users READ'],
  'public-read-write': ['111111111111 FULL_CONTROL', 'all-users READ', 'all-users WRITE'],
  'authenticated-read': ['111111111111 FULL_CONTROL', 'authenticated-users READ'],
  'aws-exec-read': ['111111111111 FULL_CONTROL'],
  'bucket-owner-read': ['111111111111 FULL_CONTROL', '222222222222 READ'],
  'bucket-owner-full-control': ['111111111111 FULL_CONTROL', '222222222222 FULL_CONTROL'],
  'log-delivery-write': [
    '111111111111 FULL_CONTROL',
    'log-delivery WRITE',
    'log-delivery READ_ACP',
  ],
}

for (const [name, expected] of Object.entries(CANNED)) {
  test(`${name} grants ${expected.join(', ')}, and survives being kept`, () => {
    assert.ok(isCannedAclName(name))
    const acl = cannedAcl(name, { owner: OWNER, bucketOwner: BUCKET_OWNER })
    assert.deepEqual(acl.grants.map(spell), expected)
    assert.deepEqual(parseAcl(renderAcl(acl)), acl)
    assert.equal(isPublicAcl(acl), /public|authenticated/.test(name))
  })
}

function spell({ grantee, permission }: Grant): string {
  return `${grantee.kind === 'account' ? grantee.account : grantee.group} ${permission}`
}

test('the owner of the bucket is not named twice on objects of its own', () => {
  for (const name of ['bucket-owner-read', 'bucket-owner-full-control'] as const) {
    const acl = cannedAcl(name, { owner: OWNER, bucketOwner: OWNER })
    assert.deepEqual(acl.grants.map(spell), ['111111111111 FULL_CONTROL'])
  }
})

test('a canned name is one that S3 has, not one that JavaScript has', () => {
  for (const name of ['constructor', '__proto__', 'PRIVATE', '']) {
    assert.equal(isCannedAclName(name), false, name)
  }
})

test('all users are everybody, authenticated ones are those with an account', () => {
  const [, everyone] = cannedAcl('public-read', { owner: OWNER, bucketOwner: OWNER }).grants
  const [mine, known] = cannedAcl('authenticated-read', { owner: OWNER, bucketOwner: OWNER }).grants
  assert.ok(mine && everyone && known)
  const asked = [rootOf(OWNER), rootOf(BUCKET_OWNER), ANONYMOUS]
  const granted = (grant: Grant): readonly boolean[] =>
    asked.map((caller) => isGrantedTo(grant, caller))
  assert.deepEqual(granted(mine), [true, false, false])
  assert.deepEqual(granted(everyone), [true, true, true])
  assert.deepEqual(granted(known), [true, true, false])
})

test('full control holds every permission, others only themselves', () => {
  assert.ok(includesPermission('FULL_CONTROL', 'WRITE_ACP'))
  assert.ok(includesPermission('READ', 'READ'))
  assert.ok(!includesPermission('READ', 'READ_ACP'))
})

test('actions that no list grants need none', () => {
  for (const action of ['s3:PutBucketPolicy', 's3:DeleteObjectVersion', 's3:GetObjectTagging']) {
    assert.equal(findNeededPermission(action), undefined, action)
  }
  assert.deepEqual(findNeededPermission('s3:ListBucket'), { on: 'bucket', permission: 'READ' })
})

test('what is no list is not read as one', () => {
  const texts = [
    '',
    '{}',
    'null',
    '[]',
    '{"grants":[{}]}',
    '{"grants":[{"account":"1","permission":"EVERYTHING"}]}',
    '{"grants":[{"group":"friends","permission":"READ"}]}',
  ]
  for (const text of texts) assert.throws(() => parseAcl(text), Error, text)
})
