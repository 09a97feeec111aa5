// Who may do what, as AWS documents the combinations. @see S3 User Guide, "How Amazon S3 authorizes
// a request"; IAM User Guide, "Cross-account policy evaluation logic"
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Grant, Permission } from '../../src/services/access/access-control-list.ts'
import { deriveAccount } from '../../src/services/access/accounts.ts'
import { ANONYMOUS, rootOf } from '../../src/services/access/caller.ts'
import type { AccessQuestion, Decision } from '../../src/services/access/question.ts'
import { isStorageError } from '../../src/storage/storage-error.ts'
import {
  type Asker,
  BUCKET,
  callerOf,
  KEY,
  openWorld,
  OTHER,
  OWNER,
  type RawStatement,
  THIRD,
  type World,
} from './access-world.ts'

const OBJECTS = `arn:aws:s3:::${BUCKET}/*`
const ALL = [`arn:aws:s3:::${BUCKET}`, OBJECTS]

type Case = {
  readonly world?: World
  readonly asker: Asker
  /** On the object; `on: 'bucket'` without it. `s3:GetObject` unless given. */
  readonly action?: string
  readonly on?: 'bucket' | 'object' | 'new object'
  readonly allowed: boolean
  readonly because?: RegExp
}

const root: Asker = { kind: 'root', account: OWNER }
const otherRoot: Asker = { kind: 'root', account: OTHER }
const anonymous: Asker = { kind: 'anonymous', account: 'anonymous' }

function user(account: string, ...policy: readonly RawStatement[]): Asker {
  return { kind: 'user', account, policy }
}

const mayAll: RawStatement = { Effect: 'Allow', Action: 's3:*', Resource: '*' }
const mayNothing: RawStatement = { Effect: 'Deny', Action: 's3:*', Resource: '*' }

function allows(principal: unknown, more: object = {}): RawStatement {
  return { Effect: 'Allow', Principal: principal, Action: 's3:*', Resource: ALL, ...more }
}

function denies(principal: unknown, more: object = {}): RawStatement {
  return { ...allows(principal, more), Effect: 'Deny' }
}

const aliceOf = (account: string) => ({ AWS: `arn:aws:iam::${account}:user/alice` })
const accountOf = (account: string) => ({ AWS: account })

function to(account: string, permission: Permission): Grant {
  return { grantee: { kind: 'account', account }, permission }
}

function toAll(group: 'all-users' | 'authenticated-users', permission: Permission): Grant {
  return { grantee: { kind: 'group', group }, permission }
}

const OWN_OBJECT = { owner: OWNER }
const READABLE: World = {
  ownership: 'ObjectWriter',
  object: { ...OWN_OBJECT, acl: [toAll('all-users', 'READ')] },
}
const FOREIGN: World = { ownership: 'ObjectWriter', object: { owner: OTHER } }

const CASES: Readonly<Record<string, Case>> = {
  // within the account of the bucket
  'the root of the account may': { asker: root, allowed: true },
  'a user without policies may not': {
    asker: user(OWNER),
    allowed: false,
    because: /user alice has no policy; the bucket has no policy/,
  },
  'a user whose policy allows it may': {
    asker: user(OWNER, mayAll),
    allowed: true,
    because: /^policy own allows it in statement #1$/,
  },
  'a user whom the bucket policy names needs no policy': {
    world: { policy: [allows(aliceOf(OWNER), { Sid: 'ForAlice' })] },
    asker: user(OWNER),
    allowed: true,
    because: /^the bucket policy allows it in statement ForAlice$/,
  },
  'a user is among everybody': {
    world: { policy: [allows('*')] },
    asker: user(OWNER),
    allowed: true,
  },
  'a bucket policy that names the account leaves it to the account': {
    world: { policy: [allows(accountOf(OWNER))] },
    asker: user(OWNER),
    allowed: false,
    because: /user alice has no policy; the bucket policy allows it to account 111111111111/,
  },
  'what the policy of a user denies, no bucket policy allows': {
    world: { policy: [allows('*')] },
    asker: user(OWNER, mayNothing),
    allowed: false,
    because: /^policy own denies it in statement #1$/,
  },
  'what the bucket policy denies, no policy of a user allows': {
    world: { policy: [denies('*')] },
    asker: user(OWNER, mayAll),
    allowed: false,
    because: /^the bucket policy denies it/,
  },
  'what the bucket policy denies, the root may not': {
    world: { policy: [denies('*')] },
    asker: root,
    allowed: false,
  },
  'the policy itself, the root always may change': {
    world: { policy: [denies('*')] },
    asker: root,
    action: 's3:PutBucketPolicy',
    on: 'bucket',
    allowed: true,
  },
  'the policy itself, no user may change against it': {
    world: { policy: [denies('*')] },
    asker: user(OWNER, mayAll),
    action: 's3:PutBucketPolicy',
    on: 'bucket',
    allowed: false,
  },

  // across accounts
  'another root needs the bucket’s word': { asker: otherRoot, allowed: false },
  'another root whose account the bucket policy names may': {
    world: { policy: [allows(accountOf(OTHER))] },
    asker: otherRoot,
    allowed: true,
    because: /root of its account; the bucket policy allows it in statement #1/,
  },
  'another root may when its canonical id is named': {
    world: {
      policy: [allows({ CanonicalUser: deriveAccount(OTHER).canonicalId })],
    },
    asker: otherRoot,
    allowed: true,
  },
  'another account’s user needs its account’s word too': {
    world: { policy: [allows(aliceOf(OTHER))] },
    asker: user(OTHER),
    allowed: false,
    because: /its own account must allow it: user alice has no policy/,
  },
  'another account’s user with both words may': {
    world: { policy: [allows(aliceOf(OTHER))] },
    asker: user(OTHER, mayAll),
    allowed: true,
  },
  'another account’s user may when its account is named and allows it': {
    world: { policy: [allows(accountOf(OTHER))] },
    asker: user(OTHER, mayAll),
    allowed: true,
  },
  'another account’s user may not on its own account’s word alone': {
    asker: user(OTHER, mayAll),
    allowed: false,
    because: /the bucket has no policy; access control lists are disabled/,
  },
  'not even what everybody may': {
    world: { policy: [allows('*')] },
    asker: user(OTHER),
    allowed: false,
  },
  'another account’s bucket policy cannot outweigh what the user’s denies': {
    world: { policy: [allows('*')] },
    asker: user(OTHER, mayAll, mayNothing),
    allowed: false,
  },
  'whoever is not named may not': {
    world: { policy: [allows(accountOf(THIRD))] },
    asker: otherRoot,
    allowed: false,
  },

  // whoever signs nothing
  'whoever signs nothing may not': { asker: anonymous, allowed: false },
  'whoever signs nothing may what everybody may': {
    world: { policy: [allows('*')] },
    asker: anonymous,
    allowed: true,
  },
  'whoever signs nothing is of no account': {
    world: { policy: [allows(accountOf(OWNER)), allows(accountOf(OTHER))] },
    asker: anonymous,
    allowed: false,
  },
  'whoever signs nothing may not what everybody is denied': {
    world: { policy: [allows('*'), denies('*')] },
    asker: anonymous,
    allowed: false,
  },

  // access control lists
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

  // public access block
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
  'RestrictPublicBuckets keeps a public policy within the account': {
    world: { policy: [allows('*')], block: { restrictPublicBuckets: true } },
    asker: anonymous,
    allowed: false,
    because: /RestrictPublicBuckets/,
  },
  'RestrictPublicBuckets leaves the account’s own users what a public policy allows': {
    world: { policy: [allows('*')], block: { restrictPublicBuckets: true } },
    asker: user(OWNER),
    allowed: true,
  },
  'RestrictPublicBuckets takes a public policy from accounts that it names, too': {
    world: {
      policy: [allows('*', { Action: 's3:GetObject' }), allows(accountOf(OTHER))],
      block: { restrictPublicBuckets: true },
    },
    asker: otherRoot,
    allowed: false,
  },
  'RestrictPublicBuckets leaves a policy that is not public': {
    world: { policy: [allows(accountOf(OTHER))], block: { restrictPublicBuckets: true } },
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
  'who may write may not lock what it writes': {
    world: { ownership: 'ObjectWriter', acl: [to(OTHER, 'WRITE')] },
    asker: otherRoot,
    action: 's3:PutObjectRetention',
    on: 'new object',
    allowed: false,
  },

  // what the question itself knows
  'a condition sees the tags of the object': {
    world: {
      object: { ...OWN_OBJECT, tags: [['security', 'public']] },
      policy: [allows('*', tagged('s3:ExistingObjectTag/security', 'public'))],
    },
    asker: anonymous,
    allowed: true,
  },
  'a tag that is missing is no tag': {
    world: {
      object: OWN_OBJECT,
      policy: [allows('*', tagged('s3:ExistingObjectTag/security', 'public'))],
    },
    asker: anonymous,
    allowed: false,
    because: /s3:existingobjecttag\/security is absent/,
  },
  'the tags that lie there say nothing about what is written over them': {
    world: {
      object: { ...OWN_OBJECT, tags: [['security', 'public']] },
      policy: [allows('*', tagged('s3:ExistingObjectTag/security', 'public'))],
    },
    asker: anonymous,
    action: 's3:PutObject',
    on: 'new object',
    allowed: false,
  },
  'a condition sees who asks': {
    world: { policy: [allows('*', tagged('aws:PrincipalArn', 'arn:aws:iam::*:user/alice'))] },
    asker: user(OTHER, mayAll),
    allowed: true,
  },
  'a condition sees whose the resource is': {
    asker: user(OWNER, { ...mayAll, ...tagged('aws:ResourceAccount', OWNER) }),
    allowed: true,
  },
}

function tagged(key: string, value: string): object {
  return { Condition: { StringLike: { [key]: value } } }
}

for (const [sentence, asked] of Object.entries(CASES)) {
  test(sentence, async () => {
    const { allowed, reason } = await ask(asked)
    assert.equal(allowed, asked.allowed, reason)
    if (asked.because !== undefined) assert.match(reason, asked.because)
    assert.notEqual(reason, '')
  })
}

async function ask({ world = {}, asker, action, on = 'object' }: Case): Promise<Decision> {
  const { decide } = await openWorld({ object: OWN_OBJECT, ...world })
  const object = { bucket: BUCKET, key: KEY }
  return decide({
    caller: callerOf(asker),
    action: action ?? 's3:GetObject',
    resource:
      on === 'bucket' ? { bucket: BUCKET } : on === 'object' ? object : { ...object, isNew: true },
    keys: new Map(),
  })
}

test('creating buckets and listing one’s own is asked of one’s own account alone', async () => {
  const { decide } = await openWorld({})
  const asked = [
    { action: 's3:CreateBucket', resource: { bucket: 'another', isNew: true } },
    { action: 's3:PutBucketAcl', resource: { bucket: 'another', isNew: true } },
    { action: 's3:ListAllMyBuckets', resource: {} },
  ] as const
  const callers = [
    [rootOf(OTHER), true],
    [callerOf(user(OTHER, mayAll)), true],
    [callerOf(user(OTHER)), false],
    [ANONYMOUS, false],
  ] as const
  for (const question of asked) {
    for (const [caller, expected] of callers) {
      const { allowed } = await decide({ ...question, caller, keys: new Map() })
      assert.equal(allowed, expected, `${question.action} by ${caller.identity}`)
    }
  }
})

test('a bucket that is not there is named, whoever asks', async () => {
  const { decide } = await openWorld({})
  const question = { action: 's3:GetObject', resource: { bucket: 'missing', key: KEY } }
  for (const caller of [rootOf(OWNER), ANONYMOUS]) {
    await assert.rejects(decide({ ...question, caller, keys: new Map() }), (error) =>
      isStorageError(error, 'NoSuchBucket'),
    )
  }
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
