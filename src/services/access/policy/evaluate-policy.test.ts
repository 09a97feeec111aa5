import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluatePolicy } from './evaluate-policy.ts'
import type { PolicyVerdict } from './evaluate-policy.ts'
import { explainNearMisses } from './explain-policy.ts'
import type { PolicyPrincipal } from './match-principals.ts'
import type { PolicyRequest } from './match-statement.ts'
import { parsePolicy } from './parse-policy.ts'

const OURS = '111122223333'
const THEIRS = '444455556666'

function userOf(account: string, name: string): PolicyPrincipal {
  const canonicalId = account.padStart(64, '0')
  return { kind: 'user', account, canonicalId, arn: `arn:aws:iam::${account}:user/${name}` }
}

function rootOf(account: string): PolicyPrincipal {
  const canonicalId = account.padStart(64, '0')
  return { kind: 'root', account, canonicalId, arn: `arn:aws:iam::${account}:root` }
}

const STRANGER: PolicyPrincipal = { kind: 'anonymous', account: 'anonymous', canonicalId: '65a0' }

type Asked = {
  readonly policy: object
  readonly principal?: PolicyPrincipal
  readonly action?: string
  readonly resource?: string
  readonly keys?: Readonly<Record<string, string>>
}

/** The verdict on a policy of a bucket when its statement has principals, else of an identity. */
function verdictOf(asked: Asked): PolicyVerdict {
  const text = JSON.stringify(asked.policy)
  const kind = text.includes('Principal"') ? 'bucket' : 'identity'
  return evaluatePolicy(parsePolicy(text, { kind, bucket: 'b' }), requestOf(asked))
}

function requestOf(asked: Asked): PolicyRequest {
  const { action = 's3:GetObject', resource = 'b/key', keys = {} } = asked
  return {
    principal: asked.principal ?? userOf(OURS, 'alice'),
    action,
    resource: `arn:aws:s3:::${resource}`,
    keys: new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value]])),
  }
}

function policyOf(...statements: readonly object[]): object {
  return { Version: '2012-10-17', Statement: statements }
}

const READ = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }

test('auditors may read `logs/` and nothing else', () => {
  const policy = policyOf(
    { Sid: 'ReadLogs', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/logs/*' },
    {
      Sid: 'ListLogs',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::b',
      Condition: { StringLike: { 's3:prefix': 'logs/*' } },
    },
  )
  const list = { policy, action: 's3:ListBucket', resource: 'b' }
  assert.deepEqual(verdictOf({ policy, resource: 'b/logs/today' }), {
    effect: 'allow',
    statement: 'ReadLogs',
    grantedTo: 'caller',
  })
  assert.equal(verdictOf({ ...list, keys: { 's3:prefix': 'logs/' } }).effect, 'allow')
  const refused: readonly Asked[] = [
    { policy, resource: 'b/logs' },
    { policy, resource: 'b/secret/logs/x' },
    { policy, resource: 'other/logs/x' },
    { policy, resource: 'b/logs/today', action: 's3:PutObject' },
    { policy, resource: 'b/logs/today', action: 's3:DeleteObject' },
    { policy, resource: 'b/logs/today', action: 's3:GetObjectVersion' },
    list,
    { ...list, keys: { 's3:prefix': '' } },
    { ...list, keys: { 's3:prefix': 'secret/' } },
    { policy, resource: '*', action: 's3:ListAllMyBuckets' },
  ]
  for (const asked of refused) assert.deepEqual(verdictOf(asked), { effect: 'none' })
})

test('each Kubernetes namespace has its prefix', () => {
  const policy = policyOf(
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      Resource: 'arn:aws:s3:::b/${aws:PrincipalTag/namespace}/*',
    },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::b',
      Condition: { StringLike: { 's3:prefix': '${aws:PrincipalTag/namespace}/*' } },
    },
  )
  const keys = { 'aws:PrincipalTag/namespace': 'team-a' }
  const list = { policy, action: 's3:ListBucket', resource: 'b' }
  assert.equal(verdictOf({ policy, keys, resource: 'b/team-a/model' }).effect, 'allow')
  assert.equal(verdictOf({ policy, keys, resource: 'b/team-b/model' }).effect, 'none')
  assert.equal(verdictOf({ policy, resource: 'b/team-a/model' }).effect, 'none')
  assert.equal(verdictOf({ ...list, keys: { ...keys, 's3:prefix': 'team-a/' } }).effect, 'allow')
  assert.equal(verdictOf({ ...list, keys: { ...keys, 's3:prefix': 'team-b/' } }).effect, 'none')
  const greedy = { 'aws:PrincipalTag/namespace': '*' }
  assert.equal(verdictOf({ policy, keys: greedy, resource: 'b/team-b/model' }).effect, 'none')
})

test('a statement that denies outweighs those that allow, wherever it stands', () => {
  const deny = { Sid: 'NoSecrets', Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::b/s/*' }
  for (const policy of [policyOf(READ, deny), policyOf(deny, READ)]) {
    const denied = { effect: 'deny', statement: 'NoSecrets' }
    assert.deepEqual(verdictOf({ policy, resource: 'b/s/x' }), denied)
    assert.equal(verdictOf({ policy, resource: 'b/x' }).effect, 'allow')
  }
})

test('NotAction and NotResource match what is not listed', () => {
  const policy = policyOf({
    Effect: 'Allow',
    NotAction: ['s3:Delete*', 'iam:*'],
    NotResource: ['arn:aws:s3:::b/s/*', 'arn:aws:s3:::c*'],
  })
  assert.equal(verdictOf({ policy, resource: 'b/x' }).effect, 'allow')
  assert.equal(verdictOf({ policy, resource: 'b/s/x' }).effect, 'none')
  assert.equal(verdictOf({ policy, resource: 'c/x' }).effect, 'none')
  assert.equal(verdictOf({ policy, resource: 'b/x', action: 's3:deleteobject' }).effect, 'none')
})

test('without the version of 2012, a variable is text', () => {
  const Resource = 'arn:aws:s3:::b/${aws:username}'
  const old = { Statement: [{ ...READ, Resource }] }
  const keys = { 'aws:username': 'alice' }
  assert.equal(verdictOf({ policy: old, keys, resource: 'b/alice' }).effect, 'none')
  assert.equal(verdictOf({ policy: old, keys, resource: 'b/${aws:username}' }).effect, 'allow')
  const policy = policyOf({ ...READ, Resource })
  assert.equal(verdictOf({ policy, keys, resource: 'b/alice' }).effect, 'allow')
})

test('a bucket’s policy grants to the caller that it names, or to its account', () => {
  const rows = [
    ['*', userOf(THEIRS, 'bob'), 'caller'],
    ['*', STRANGER, 'caller'],
    [{ AWS: '*' }, STRANGER, 'caller'],
    [{ AWS: THEIRS }, rootOf(THEIRS), 'caller'],
    [{ AWS: THEIRS }, userOf(THEIRS, 'bob'), 'account'],
    [{ AWS: `arn:aws:iam::${THEIRS}:root` }, userOf(THEIRS, 'bob'), 'account'],
    [{ AWS: THEIRS }, userOf(OURS, 'bob'), undefined],
    [{ AWS: THEIRS }, STRANGER, undefined],
    [{ AWS: `arn:aws:iam::${THEIRS}:user/bob` }, userOf(THEIRS, 'bob'), 'caller'],
    [{ AWS: `arn:aws:iam::${THEIRS}:user/bob` }, userOf(THEIRS, 'eve'), undefined],
    [{ AWS: `arn:aws:iam::${THEIRS}:user/bob` }, userOf(OURS, 'bob'), undefined],
    [{ AWS: `arn:aws:iam::${THEIRS}:user/bob` }, rootOf(THEIRS), undefined],
    [{ CanonicalUser: THEIRS.padStart(64, '0') }, userOf(THEIRS, 'bob'), 'account'],
    [{ CanonicalUser: THEIRS.padStart(64, '0') }, rootOf(OURS), undefined],
    [{ Service: 'logging.s3.amazonaws.com' }, rootOf(OURS), undefined],
    [{ Federated: 'graph.facebook.com' }, STRANGER, undefined],
  ] as const
  for (const [Principal, principal, grantedTo] of rows) {
    const verdict = verdictOf({ policy: policyOf({ ...READ, Principal }), principal })
    const found = verdict.effect === 'allow' ? verdict.grantedTo : undefined
    assert.equal(found, grantedTo, `${JSON.stringify(Principal)} for ${principal.arn}`)
  }
})

test('of two grants the one to the caller counts more than the one to its account', () => {
  const policy = policyOf(
    { ...READ, Principal: { AWS: OURS } },
    { ...READ, Principal: { AWS: `arn:aws:iam::${OURS}:user/alice` } },
  )
  const granted = { effect: 'allow', statement: '#2', grantedTo: 'caller' }
  assert.deepEqual(verdictOf({ policy }), granted)
})

// @see IAM User Guide, "AWS JSON policy elements: NotPrincipal", the example of Bob
test('NotPrincipal spares those that are listed together with their account', () => {
  const deny = { ...READ, Effect: 'Deny' }
  const bob = `arn:aws:iam::${THEIRS}:user/Bob`
  const both = policyOf({ ...deny, NotPrincipal: { AWS: [bob, `arn:aws:iam::${THEIRS}:root`] } })
  assert.equal(verdictOf({ policy: both, principal: userOf(THEIRS, 'Bob') }).effect, 'none')
  assert.equal(verdictOf({ policy: both, principal: rootOf(THEIRS) }).effect, 'none')
  assert.equal(verdictOf({ policy: both, principal: userOf(THEIRS, 'Eve') }).effect, 'deny')
  assert.equal(verdictOf({ policy: both, principal: userOf(OURS, 'Bob') }).effect, 'deny')
  assert.equal(verdictOf({ policy: both, principal: STRANGER }).effect, 'deny')
  const alone = policyOf({ ...deny, NotPrincipal: { AWS: bob } })
  assert.equal(verdictOf({ policy: alone, principal: userOf(THEIRS, 'Bob') }).effect, 'deny')
  const nobody = policyOf({ ...deny, NotPrincipal: '*' })
  assert.equal(verdictOf({ policy: nobody, principal: STRANGER }).effect, 'none')
})

// @see S3 User Guide, "Examples of Amazon S3 bucket policies"
test('the examples of S3 do what is said of them', () => {
  const resources = ['arn:aws:s3:::b', 'arn:aws:s3:::b/*']
  const everyone = { Principal: '*', Action: 's3:*', Resource: resources }
  const onlyTls = policyOf({
    ...everyone,
    Effect: 'Deny',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
  assert.equal(
    verdictOf({ policy: onlyTls, keys: { 'aws:SecureTransport': 'false' } }).effect,
    'deny',
  )
  assert.equal(
    verdictOf({ policy: onlyTls, keys: { 'aws:SecureTransport': 'true' } }).effect,
    'none',
  )

  const addresses = policyOf({
    ...everyone,
    Effect: 'Allow',
    Condition: {
      IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
      NotIpAddress: { 'aws:SourceIp': '192.0.2.188/32' },
    },
  })
  assert.equal(
    verdictOf({ policy: addresses, keys: { 'aws:SourceIp': '192.0.2.7' } }).effect,
    'allow',
  )
  assert.equal(
    verdictOf({ policy: addresses, keys: { 'aws:SourceIp': '192.0.2.188' } }).effect,
    'none',
  )
  assert.equal(
    verdictOf({ policy: addresses, keys: { 'aws:SourceIp': '192.0.3.7' } }).effect,
    'none',
  )

  const fullControl = policyOf({
    Effect: 'Deny',
    Principal: { AWS: OURS },
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::b/*',
    Condition: { StringNotEquals: { 's3:x-amz-acl': ['bucket-owner-full-control'] } },
  })
  const put = { policy: fullControl, action: 's3:PutObject' }
  assert.equal(verdictOf(put).effect, 'deny')
  assert.equal(verdictOf({ ...put, keys: { 's3:x-amz-acl': 'private' } }).effect, 'deny')
  const granted = { 's3:x-amz-acl': 'bucket-owner-full-control' }
  assert.equal(verdictOf({ ...put, keys: granted }).effect, 'none')

  const tagged = policyOf({
    ...READ,
    Principal: '*',
    Condition: { StringEquals: { 's3:ExistingObjectTag/environment': 'production' } },
  })
  const tag = { 's3:ExistingObjectTag/environment': 'production' }
  assert.equal(verdictOf({ policy: tagged, keys: tag }).effect, 'allow')
  assert.equal(verdictOf({ policy: tagged }).effect, 'none')
})

test('what nearly decided is told with the conditions that failed', () => {
  const policy = policyOf(
    {
      ...READ,
      Sid: 'Office',
      Condition: {
        IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] },
        Bool: { 'aws:SecureTransport': 'true' },
      },
    },
    { ...READ, Effect: 'Deny', Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'x*' } } },
    { ...READ, Action: 's3:PutObject', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
  )
  const keys = { 'aws:SourceIp': '198.51.100.1', 'aws:SecureTransport': 'true' }
  const parsed = parsePolicy(JSON.stringify(policy), { kind: 'identity' })
  assert.deepEqual(explainNearMisses(parsed, requestOf({ policy, keys })), [
    'statement Office would allow it, but aws:sourceip is "198.51.100.1" and IpAddress asks for "10.0.0.0/8", "192.0.2.0/24"',
    'statement #2 would deny it, but aws:tagkeys is absent and ForAnyValue:StringLike asks for "x*"',
  ])
  const applies = requestOf({ policy, keys: { ...keys, 'aws:SourceIp': '10.0.0.1' } })
  assert.equal(explainNearMisses(parsed, applies).length, 1)
})
