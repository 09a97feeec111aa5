// Who may do what by policies, as AWS documents the combinations.
// @see S3 User Guide, "How Amazon S3 authorizes a request"; IAM User Guide, "Cross-account policy
// evaluation logic"
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveAccount } from '../../src/services/access/accounts.ts'
import { ANONYMOUS, rootOf } from '../../src/services/access/caller.ts'
import { isStorageError } from '../../src/storage/storage-error.ts'
import {
  allows,
  anonymous,
  denies,
  mayAll,
  mayNothing,
  otherRoot,
  OWN_OBJECT,
  root,
  testCases,
  user,
} from './access-case.ts'
import { callerOf, KEY, openWorld, OTHER, OWNER, THIRD } from './access-world.ts'

const aliceOf = (account: string) => ({ AWS: `arn:aws:iam::${account}:user/alice` })
const accountOf = (account: string) => ({ AWS: account })

testCases({
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

  // public access block
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
})

function tagged(key: string, value: string): object {
  return { Condition: { StringLike: { [key]: value } } }
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
