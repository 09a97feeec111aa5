import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePolicy } from './parse-policy.ts'
import type { PolicyKind } from './parse-policy.ts'
import { PolicyError } from './policy-error.ts'
import type { PolicyErrorCode } from './policy-error.ts'
import { POLICY_LIMITS } from './policy-limits.ts'

const BUCKET: PolicyKind = { kind: 'bucket', bucket: 'b' }
const IDENTITY: PolicyKind = { kind: 'identity' }

const STATEMENT = {
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::b/*',
}

function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

function assertRefused(
  text: string,
  kind: PolicyKind,
  refusal: { readonly code: PolicyErrorCode; readonly says: RegExp },
): void {
  assert.throws(
    () => parsePolicy(text, kind),
    (error) => {
      assert.ok(error instanceof PolicyError, String(error))
      assert.equal(error.code, refusal.code, error.message)
      assert.match(error.message, refusal.says)
      return true
    },
  )
}

/** Refuses a statement that is right but for what is given; `undefined` leaves an element out. */
function assertStatementRefused(
  elements: object,
  refusal: { readonly code: PolicyErrorCode; readonly says: RegExp },
): void {
  assertRefused(policyOf(STATEMENT, { ...STATEMENT, ...elements }), BUCKET, refusal)
  assert.match(String(refusal.says), /#2/)
}

test('the policy of a bucket is read with every list as a list', () => {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Id: 'ours',
    Statement: {
      Sid: 'Read all',
      Effect: 'Deny',
      NotPrincipal: {
        AWS: ['111122223333', 'arn:aws:iam::444455556666:root', 'arn:aws:iam::1:user/a/b'],
        CanonicalUser: 'a'.repeat(64),
        Service: 'logging.s3.amazonaws.com',
        Federated: 'graph.facebook.com',
      },
      NotAction: ['s3:Get*', 'S3:Put?bject'],
      NotResource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/${aws:username}/*'],
      Condition: {
        'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': ['a', 'b'], 's3:prefix': '' },
        Bool: { 'aws:SecureTransport': false },
        NumericLessThan: { 's3:max-keys': 10 },
      },
    },
  })
  assert.deepEqual(parsePolicy(text, BUCKET), {
    version: '2012-10-17',
    id: 'ours',
    statements: [
      {
        sid: 'Read all',
        effect: 'Deny',
        principals: {
          negated: true,
          principals: [
            { kind: 'account', account: '111122223333' },
            { kind: 'account', account: '444455556666' },
            { kind: 'arn', arn: 'arn:aws:iam::1:user/a/b' },
            { kind: 'canonical-user', canonicalId: 'a'.repeat(64) },
            { kind: 'service', name: 'logging.s3.amazonaws.com' },
            { kind: 'federated', name: 'graph.facebook.com' },
          ],
        },
        actions: { negated: true, patterns: ['s3:Get*', 'S3:Put?bject'] },
        resources: {
          negated: true,
          patterns: ['arn:aws:s3:::b', 'arn:aws:s3:::b/${aws:username}/*'],
        },
        conditions: [
          {
            operator: 'StringLike',
            quantifier: 'any',
            ifExists: true,
            key: 'aws:tagkeys',
            values: ['a', 'b'],
          },
          {
            operator: 'StringLike',
            quantifier: 'any',
            ifExists: true,
            key: 's3:prefix',
            values: [''],
          },
          { operator: 'Bool', ifExists: false, key: 'aws:securetransport', values: ['false'] },
          { operator: 'NumericLessThan', ifExists: false, key: 's3:max-keys', values: ['10'] },
        ],
      },
    ],
  })
})

test('a policy without a version is of 2008-10-17, in which `${` is text', () => {
  const { Principal: _, ...own } = STATEMENT
  const Resource = 'arn:aws:s3:::b/${'
  const text = JSON.stringify({ Statement: [{ ...own, Resource }] })
  assert.equal(parsePolicy(text, IDENTITY).version, '2008-10-17')
  assertRefused(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ ...own, Resource }] }),
    IDENTITY,
    {
      code: 'InvalidResource',
      says: /#1.*"\$\{"/,
    },
  )
})

test('the policy of an identity names no principals, and resources and actions of any service', () => {
  const { Principal: _, ...own } = STATEMENT
  const Condition = { StringEquals: { 's3:JobSuspendedCause': 'x' } }
  const Action = ['kms:Decrypt', 's3:CreateJob', '*']
  const text = policyOf({ ...own, Action, Condition, Resource: ['*', 'arn:aws:kms:*'] })
  assert.equal(parsePolicy(text, IDENTITY).statements[0]?.principals, undefined)
  for (const name of ['Principal', 'NotPrincipal']) {
    assertRefused(policyOf({ ...own, [name]: '*' }), IDENTITY, {
      code: 'InvalidPrincipal',
      says: /should not specify a principal: (Not)?Principal of statement #1/,
    })
  }
})

test('what is not one JSON object of a policy is refused', () => {
  const rows = [
    ['', 'NotJson', /invalid Json/],
    ['{"Version": }', 'NotJson', /invalid Json/],
    ['[]', 'InvalidElement', /object/],
    ['null', 'InvalidElement', /object/],
    ['{}', 'InvalidElement', /Missing required field Statement/],
    ['{"Statement":[]}', 'InvalidElement', /Missing required field Statement/],
    ['{"Statement":["Allow"]}', 'InvalidElement', /statement #1 must be an object/],
    ['{"Version":"2018-05-25","Statement":[]}', 'InvalidElement', /valid version.*2012-10-17/],
    ['{"Version":20121017,"Statement":[]}', 'InvalidElement', /Version of the policy/i],
    ['{"version":"2012-10-17"}', 'InvalidElement', /unknown field "version"/],
  ] as const
  for (const [text, code, says] of rows) assertRefused(text, BUCKET, { code, says })
})

test('a name that is there twice is refused, also when it is written otherwise', () => {
  const rows = ['{"Id":"a","Id":"b"}', String.raw`{"Id":"a","I\u0064":"b"}`]
  for (const text of rows) {
    assertRefused(text, BUCKET, { code: 'InvalidElement', says: /"Id" twice/ })
  }
  const inside = policyOf(STATEMENT).replace('"Effect"', '"Effect":"Deny","Effect"')
  assertRefused(inside, BUCKET, { code: 'InvalidElement', says: /"Effect" twice/ })
  const values = String.raw`"Sid":"\"Sid\",{","Effect"`
  assert.ok(parsePolicy(policyOf(STATEMENT).replace('"Effect"', values), BUCKET))
})

test('names of prototypes are names like others: unknown, and without effect', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assertRefused(`{"${name}":{"Statement":[]}}`, BUCKET, {
      code: 'InvalidElement',
      says: new RegExp(`unknown field "${name}"`),
    })
    const text = policyOf(STATEMENT).replace('"Effect"', `"Condition":{"${name}":{}},"Effect"`)
    assertRefused(text, BUCKET, { code: 'InvalidCondition', says: /unknown operator/ })
  }
  const text = policyOf(STATEMENT).replace('"*"', '{"__proto__":"*"}')
  assertRefused(text, BUCKET, { code: 'InvalidElement', says: /unknown field "__proto__"/ })
})

test('statements have the elements they need and no others', () => {
  const code = 'InvalidElement'
  assertStatementRefused(
    { effect: 'Allow' },
    { code, says: /statement #2.*unknown field "effect"/ },
  )
  assertStatementRefused({ Effect: undefined }, { code, says: /Effect of statement #2 is missing/ })
  assertStatementRefused({ Effect: 'allow' }, { code, says: /Effect of statement #2.*"allow"/ })
  assertStatementRefused({ Sid: 7 }, { code, says: /Sid of statement #2 must be text/ })
  assertStatementRefused({ Action: undefined }, { code, says: /Missing.*Action in statement #2/ })
  assertStatementRefused(
    { Resource: undefined },
    { code, says: /Missing.*Resource in statement #2/ },
  )
  assertStatementRefused({ NotAction: 's3:*' }, { code, says: /#2 has both Action and NotAction/ })
  assertStatementRefused(
    { NotResource: 'x' },
    { code, says: /#2 has both Resource and NotResource/ },
  )
})

test('two statements have no Sid in common, but any number may have none', () => {
  const twice = { ...STATEMENT, Sid: 'A' }
  assertRefused(policyOf(twice, twice), BUCKET, { code: 'InvalidElement', says: /Sid "A"/ })
  const empty = { ...STATEMENT, Sid: '' }
  assert.equal(parsePolicy(policyOf(empty, empty), BUCKET).statements[1]?.sid, undefined)
})

test('principals are written as AWS writes them', () => {
  const code = 'InvalidPrincipal'
  assertStatementRefused(
    { Principal: undefined },
    { code, says: /Missing.*Principal in statement #2/ },
  )
  assertStatementRefused({ Principal: {} }, { code, says: /Principal of statement #2 is empty/ })
  assertStatementRefused({ Principal: { AWS: [] } }, { code, says: /AWS.*#2 is empty/ })
  const names = [
    'bob',
    '12345',
    'arn:aws:iam::111122223333:user/*',
    'arn:aws:iam::1:group/g',
    '',
    7,
  ]
  for (const name of [...names, 'arn:aws:iam::*:root', 'arn:aws:iam::1:root/x']) {
    assertStatementRefused({ Principal: { AWS: name } }, { code, says: /AWS in Principal of.*#2/ })
  }
  assertStatementRefused({ Principal: 'bob' }, { code, says: /#2 names "bob"/ })
  assertStatementRefused({ Principal: { CanonicalUser: '*' } }, { code, says: /CanonicalUser.*#2/ })
  assertStatementRefused({ Principal: { Service: '*' } }, { code, says: /Service.*#2/ })
  assertStatementRefused(
    { Principal: { Aws: '*' } },
    { code: 'InvalidElement', says: /#2 has an unknown field "Aws"/ },
  )
})

test('the policies that `mc anonymous set` writes are taken', () => {
  const text = `{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetBucketLocation"],
     "Resource":["arn:aws:s3:::b"],"Sid":""},
    {"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:ListBucket"],
     "Resource":["arn:aws:s3:::b"],"Condition":{"StringEquals":{"s3:prefix":["a/"]}},"Sid":""},
    {"Effect":"Allow","Principal":{"AWS":["*"]},"Resource":["arn:aws:s3:::b/a/*"],
     "Action":["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject",
               "s3:ListMultipartUploadParts","s3:PutObject"],"Sid":""}]}`
  assert.equal(parsePolicy(text, BUCKET).statements.length, 3)
})

test('NotPrincipal is for Deny only', () => {
  const elements = { Principal: undefined, NotPrincipal: { AWS: '111122223333' } }
  const says = /#2 allows with NotPrincipal/
  assertStatementRefused(elements, { code: 'InvalidPrincipal', says })
  assert.ok(parsePolicy(policyOf({ ...STATEMENT, ...elements, Effect: 'Deny' }), BUCKET))
})

test('actions of buckets are those of s3', () => {
  for (const Action of ['*', '*:*', 's3:*', 's3:Get*', 'S3:getobject', ['s3:Put?bject']]) {
    assert.ok(parsePolicy(policyOf({ ...STATEMENT, Action }), BUCKET), String(Action))
  }
  for (const Action of [
    'GetObject',
    's3:',
    's3:Get Object',
    'sqs:*',
    's*:GetObject',
    's3:GetObjects',
    's3:Foo*',
    '',
    [],
    7,
  ]) {
    const says = /Action of statement #2/
    assertStatementRefused({ Action }, { code: 'InvalidAction', says })
  }
})

test('resources of a bucket’s policy lie in that bucket', () => {
  const good = ['arn:aws:s3:::b', 'arn:aws:s3:::b/*', 'arn:aws:s3:::*', 'arn:aws:s3:::*/*']
  for (const Resource of [...good, good, 'arn:aws:s3:::?/x', 'arn:aws:s3:::b/${aws:username}']) {
    assert.ok(parsePolicy(policyOf({ ...STATEMENT, Resource }), BUCKET), String(Resource))
  }
  const bad = ['*', 'b/*', 'arn:aws:s3:::c/*', 'arn:aws:s3:::bb', 'arn:aws:s3', 'arn:aws:s3:::', []]
  for (const Resource of [...bad, 'arn:aws:s3:::${aws:username}/x', 'arn:aws:s3:::B', 7]) {
    const says = /Resource of statement #2/
    assertStatementRefused({ Resource }, { code: 'InvalidResource', says })
  }
})

test('conditions compare keys with values that their operator can read', () => {
  const rows = [
    { StringFoo: { 'a:b': 'c' } },
    { 'ForSome:StringEquals': { 'a:b': 'c' } },
    { NullIfExists: { 'a:b': 'true' } },
    { 'ForAllValues:Null': { 'a:b': 'true' } },
    { StringEquals: {} },
    { StringEquals: { prefix: 'c' } },
    { StringEquals: { 's3:prefixes': 'c' } },
    { StringEquals: { 's3:ExistingObjectTag/': 'c' } },
    { StringEquals: { 'a:b': [] } },
    { StringEquals: { 'a:b': { c: 'd' } } },
    { StringEquals: { 'a:b': null } },
    { StringLike: { 'a:b': '${user}' } },
    { NumericEquals: { 'a:b': 'many' } },
    { DateLessThan: { 'a:b': 'tomorrow' } },
    { Bool: { 'a:b': 'yes' } },
    { BinaryEquals: { 'a:b': '???' } },
    { IpAddress: { 'a:b': '10.0.0.0/33' } },
    { Null: { 'a:b': 'maybe' } },
  ]
  for (const Condition of rows) {
    assertStatementRefused({ Condition }, { code: 'InvalidCondition', says: /statement #2/ })
  }
  for (const Condition of ['StringEquals', { StringEquals: 'a' }]) {
    const says = /#2 must be an object/
    assertStatementRefused({ Condition }, { code: 'InvalidElement', says })
  }
})

test('keys of S3 are those that it has; who else has which is not known', () => {
  const keys = ['S3:Prefix', 's3:ExistingObjectTag/a b', 'aws:AnyKey', 'graph.facebook.com:id']
  for (const key of [...keys, 's3:x-amz-server-side-encryption-aws-kms-key-id']) {
    const Condition = { StringEquals: { [key]: '${graph.facebook.com:id}' } }
    assert.ok(parsePolicy(policyOf({ ...STATEMENT, Condition }), BUCKET), key)
  }
})

test('each limit holds, and what is just within it is read', () => {
  const { sizeBytes, statements, values, characters, depth } = POLICY_LIMITS
  const wide = policyOf(STATEMENT).padEnd(sizeBytes)
  assert.ok(parsePolicy(wide, BUCKET))
  assertRefused(`${wide} `, BUCKET, { code: 'TooLarge', says: /20480 bytes/ })

  const small = { Effect: 'Allow', Action: '*', Resource: '*' }
  const many = (count: number): string => policyOf(...Array.from({ length: count }, () => small))
  assert.equal(parsePolicy(many(statements), IDENTITY).statements.length, statements)
  const tooMany = { code: 'InvalidElement', says: /more than 200 statements/ } as const
  assertRefused(many(statements + 1), IDENTITY, tooMany)

  const listed = (count: number): string => {
    return policyOf({ ...small, Action: Array.from({ length: count }, () => 's3:a') })
  }
  assert.ok(parsePolicy(listed(values), IDENTITY))
  const tooLong = { code: 'InvalidAction', says: /more than 500 values/ } as const
  assertRefused(listed(values + 1), IDENTITY, tooLong)

  const long = (count: number): string =>
    policyOf({ ...small, Resource: 'arn:'.padEnd(count, 'a') })
  assert.ok(parsePolicy(long(characters), IDENTITY))
  const tooBig = { code: 'InvalidResource', says: /more than 2048 characters/ } as const
  assertRefused(long(characters + 1), IDENTITY, tooBig)

  const deep = `${'['.repeat(depth + 1)}${']'.repeat(depth + 1)}`
  assertRefused(deep, BUCKET, { code: 'InvalidElement', says: /nested deeper than 10/ })
})
