// Who may do what by access control lists, and with objects that are not the bucket's account's.
// @see S3 User Guide, "Access control list (ACL) overview" and "Controlling ownership of objects"
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessQuestion } from '../../src/services/access/question.ts'
import {
  allows,
  anonymous,
  denies,
  mayAll,
  otherRoot,
  OWN_OBJECT,
  root,
  testCases,
  to,
  toAll,
  user,
} from './access-case.ts'
import {
  type Asker,
  BUCKET,
  callerOf,
  KEY,
  openWorld,
  OTHER,
  OWNER,
  THIRD,
  type World,
} from './access-world.ts'

const READABLE: World = {
  ownership: 'ObjectWriter',
  object: { ...OWN_OBJECT, acl: [toAll('all-users', 'READ')] },
}
const FOREIGN: World = { ownership: 'ObjectWriter', object: { owner: OTHER } }

testCases({
  'a list that grants reading to all lets everybody read': {
    world: READABLE,
    asker: anonymous,
    allowed: true,
    because: /the access control list of the object grants READ to all-users/,
  },
  'a list does not count where lists are disabled': {
    world: { ...READABLE, ownership: 'BucketOwnerEnforced' },
    asker: anonymous,
    allowed: false,
    because: /access control lists are disabled/,
  },
  'a list that grants to those with accounts grants nothing to those without': {
    world: {
      ownership: 'ObjectWriter',
      object: { ...OWN_OBJECT, acl: [toAll('authenticated-users', 'READ')] },
    },
    asker: anonymous,
    allowed: false,
  },
  'a list that grants to those with accounts lets other roots read': {
    world: {
      ownership: 'ObjectWriter',
      object: { ...OWN_OBJECT, acl: [toAll('authenticated-users', 'READ')] },
    },
    asker: otherRoot,
    allowed: true,
  },
  'a list is a word of the bucket’s side only': {
    world: READABLE,
    asker: user(OTHER),
    allowed: false,
  },
  'a user of the owner’s account may what everybody may by a list': {
    world: READABLE,
    asker: user(OWNER),
    allowed: true,
  },
  'a list that grants to the user’s own account leaves it to the account': {
    world: { ownership: 'ObjectWriter', object: { ...OWN_OBJECT, acl: [to(OWNER, 'READ')] } },
    asker: user(OWNER),
    allowed: false,
    because: /grants READ to account 111111111111/,
  },
  'reading an object is not reading its list': {
    world: READABLE,
    asker: otherRoot,
    action: 's3:GetObjectAcl',
    allowed: false,
    because: /does not grant READ_ACP/,
  },
  'a list never grants what has no permission': {
    world: { ...READABLE, acl: [to(OTHER, 'FULL_CONTROL')] },
    asker: otherRoot,
    action: 's3:PutBucketPolicy',
    on: 'bucket',
    allowed: false,
    because: /no access control list can allow it/,
  },
  'WRITE on the bucket is to put': {
    world: { ownership: 'ObjectWriter', acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObject',
    on: 'new object',
    allowed: true,
  },
  'READ on the bucket is to list it, not to read what is in it': {
    world: { ...FOREIGN, object: OWN_OBJECT, acl: [to(OTHER, 'READ')] },
    asker: otherRoot,
    allowed: false,
  },
  'what a policy denies no list grants': {
    world: { ...READABLE, policy: [denies('*')] },
    asker: anonymous,
    allowed: false,
  },
  'IgnorePublicAcls takes back what a list grants to everybody': {
    world: { ...READABLE, block: { ignorePublicAcls: true } },
    asker: otherRoot,
    allowed: false,
    because: /IgnorePublicAcls/,
  },
  'IgnorePublicAcls leaves what a list grants to an account': {
    world: {
      ownership: 'ObjectWriter',
      block: { ignorePublicAcls: true },
      object: { ...OWN_OBJECT, acl: [toAll('all-users', 'READ'), to(OTHER, 'READ')] },
    },
    asker: otherRoot,
    allowed: true,
  },

  // objects of others
  'an object is its writer’s to read': { world: FOREIGN, asker: otherRoot, allowed: true },
  'a user of the writer’s account needs only its own policy': {
    world: FOREIGN,
    asker: user(OTHER, mayAll),
    allowed: true,
  },
  'the bucket’s account may not read what another keeps in it': {
    world: FOREIGN,
    asker: root,
    allowed: false,
    because: /the access control list of the object does not grant READ/,
  },
  'the bucket’s account may read it when it was given full control': {
    world: {
      ...FOREIGN,
      object: { owner: OTHER, acl: [to(OTHER, 'FULL_CONTROL'), to(OWNER, 'FULL_CONTROL')] },
    },
    asker: root,
    allowed: true,
  },
  'the bucket’s account has the tags of all that lies in it': {
    world: FOREIGN,
    asker: root,
    action: 's3:PutObjectTagging',
    allowed: true,
  },
  'the bucket’s account may always delete it': {
    world: FOREIGN,
    asker: root,
    action: 's3:DeleteObject',
    allowed: true,
  },
  'the bucket policy cannot allow what is another’s': {
    world: { ...FOREIGN, policy: [allows('*')] },
    asker: { kind: 'root', account: THIRD },
    allowed: false,
    because: /the object belongs to 222222222222/,
  },
  'the bucket policy can deny what is another’s': {
    world: { ...FOREIGN, policy: [denies('*')] },
    asker: otherRoot,
    allowed: false,
  },
  'where the bucket owns all, it owns what others wrote before': {
    world: { object: { owner: OTHER } },
    asker: root,
    allowed: true,
  },
  'and they do not any more': {
    world: { object: { owner: OTHER } },
    asker: otherRoot,
    allowed: false,
  },
  'who may write may say who else may read what it writes': {
    world: { ownership: 'ObjectWriter', object: OWN_OBJECT, acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObjectAcl',
    on: 'new object',
    allowed: true,
  },
  'but not of what lies there': {
    world: { ownership: 'ObjectWriter', object: OWN_OBJECT, acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObjectAcl',
    allowed: false,
  },
  'who may write may not tag what it gives to the bucket’s account': {
    world: { ownership: 'BucketOwnerPreferred', acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObjectTagging',
    on: 'new object',
    allowed: false,
  },
  'who may write may not lock what it writes': {
    world: { ownership: 'ObjectWriter', acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObjectRetention',
    on: 'new object',
    allowed: false,
  },
})

test('whoever began an upload may give it up, and nobody else who may only write', async () => {
  const { decide, storage } = await openWorld({
    ownership: 'ObjectWriter',
    acl: [toAll('all-users', 'WRITE')],
  })
  const { uploadId } = await storage.uploads.begin(
    { bucket: BUCKET, key: KEY },
    {
      origin: {
        account: OTHER,
        identity: 'alice',
        requestId: '',
        sourceAddress: '',
        userAgent: '',
        ancestry: [],
      },
      owner: OTHER,
      headers: {},
      metadata: [],
      tags: [],
      storageClass: 'STANDARD',
    },
  )
  const may = async (asker: Asker): Promise<boolean> => {
    const question: AccessQuestion = {
      caller: callerOf(asker),
      action: 's3:AbortMultipartUpload',
      resource: { bucket: BUCKET, key: KEY, uploadId },
      keys: new Map(),
    }
    return (await decide(question)).allowed
  }
  assert.equal(await may(user(OTHER, mayAll)), true)
  assert.equal(await may(otherRoot), true)
  assert.equal(await may(root), true)
  assert.equal(await may(user(OTHER)), false)
  assert.equal(await may({ kind: 'root', account: THIRD }), false)
  assert.equal(await may(anonymous), false)
})
