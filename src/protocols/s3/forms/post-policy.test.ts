import assert from 'node:assert/strict'
import { test } from 'node:test'
import { S3Error } from '../errors.ts'
import { assertPolicy, type SizeRange } from './post-policy.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const LATER = '2026-01-01T00:00:01Z'
const BUCKET = { bucket: 'bucket' }
const KEY = ['starts-with', '$key', 'user/']

function encode(policy: unknown): string {
  return Buffer.from(typeof policy === 'string' ? policy : JSON.stringify(policy)).toString(
    'base64',
  )
}

type Fields = Readonly<Record<string, string>>

function judge(conditions: readonly unknown[], fields: Fields = {}): SizeRange {
  const policy = encode({ expiration: LATER, conditions })
  const all = new Map(Object.entries({ key: 'user/a', policy, ...fields }))
  return assertPolicy(policy, { bucket: 'bucket', key: 'user/a', fields: all, now: NOW })
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof S3Error) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

const notMet = (what: string): string => `PolicyNotMet: Invalid according to Policy: ${what}`
const invalid = (what: string): string => `InvalidPolicyDocument: Invalid Policy: ${what}`

test('a form passes when every condition holds and every field has one', () => {
  const conditions = [BUCKET, KEY, { acl: 'private' }, ['eq', '$x-amz-meta-a', 'b']]
  judge(conditions, { acl: 'private', 'x-amz-meta-a': 'b' })
  judge([BUCKET, ['starts-with', '$key', '']])
})

test('names of fields, properties and operations are told apart by more than their case', () => {
  judge([{ BuCkEt: 'bucket' }, ['StArTs-WiTh', '$KeY', 'user/'], { aCL: 'private' }], {
    acl: 'private',
  })
  assert.equal(
    refusal(() => judge([BUCKET, KEY, { acl: 'Private' }], { acl: 'private' })),
    notMet('Policy Condition failed: ["eq", "$acl", "Private"]'),
  )
})

test('a condition that does not hold is named', () => {
  const failing: readonly (readonly [unknown, Fields, string])[] = [
    [['starts-with', '$key', 'other/'], {}, '["starts-with", "$key", "other/"]'],
    [{ acl: 'private' }, { acl: 'public-read' }, '["eq", "$acl", "private"]'],
    // A field that is not there is not empty either.
    [['starts-with', '$content-type', ''], {}, '["starts-with", "$content-type", ""]'],
    [{ acl: 'private' }, {}, '["eq", "$acl", "private"]'],
    [{ bucket: 'another' }, { bucket: 'another' }, '["eq", "$bucket", "another"]'],
  ]
  for (const [condition, fields, shown] of failing) {
    const act = () => judge([BUCKET, KEY, condition], fields)
    assert.equal(refusal(act), notMet(`Policy Condition failed: ${shown}`))
  }
})

test('a list of content types must begin as allowed in every one of them', () => {
  const conditions = [BUCKET, KEY, ['starts-with', '$Content-Type', 'image/']]
  judge(conditions, { 'content-type': 'image/png, image/jpeg' })
  const mixed = () => judge(conditions, { 'content-type': 'image/png, text/html' })
  assert.match(refusal(mixed), /Policy Condition failed/)
})

test('fields without a condition are refused, but those that prove the form or are ignored', () => {
  const proofs = { awsaccesskeyid: 'a', signature: 'b', 'x-amz-signature': 'c', 'x-ignore-me': 'd' }
  judge([BUCKET, KEY], proofs)
  for (const field of ['acl', 'x-amz-credential', 'x-amz-checksum-crc32', 'anything']) {
    const act = () => judge([BUCKET, KEY], { [field]: 'x' })
    assert.equal(refusal(act), notMet(`Extra input fields: ${field}`))
  }
  assert.equal(
    refusal(() => judge([KEY])),
    notMet('Extra input fields: bucket'),
  )
})

test('the range of sizes is what all conditions allow', () => {
  assert.deepEqual(judge([BUCKET, KEY]), { min: 0, max: Number.POSITIVE_INFINITY })
  const ranges = [
    ['content-length-range', 5, 100],
    ['content-length-range', 1, '50'],
  ]
  assert.deepEqual(judge([BUCKET, KEY, ...ranges]), { min: 5, max: 50 })
})

function judgeUntil(expiration: unknown): () => void {
  const policy = encode({ expiration, conditions: [BUCKET, KEY] })
  const fields = new Map([['key', 'user/a']])
  return () => assertPolicy(policy, { bucket: 'bucket', key: 'user/a', fields, now: NOW })
}

test('a policy counts until it expires', () => {
  judgeUntil(LATER)()
  judgeUntil('2026-01-01T01:00:00.001+00:59')()
  assert.equal(refusal(judgeUntil('2026-01-01T00:00:00Z')), notMet('Policy expired.'))
  for (const none of ['tomorrow', '2026-01-01 01:00:00', '2026-13-01T00:00:00Z', 17]) {
    assert.equal(refusal(judgeUntil(none)), invalid(`Invalid 'expiration' value: '${none}'`))
  }
})

test('a policy that cannot be read says where', () => {
  const conditions = [BUCKET, KEY]
  const unreadable: readonly (readonly [unknown, string])[] = [
    ['{', 'Invalid JSON.'],
    ['[]', 'Invalid JSON.'],
    [{ conditions }, 'Policy missing expiration.'],
    [{ EXPIRATION: LATER, conditions }, 'Unexpected: "EXPIRATION"'],
    [{ expiration: LATER }, 'Policy missing conditions.'],
    [{ expiration: LATER, conditions: {} }, "Invalid 'conditions' value: must be a List."],
    [{ expiration: LATER, conditions, more: 1 }, 'Unexpected: "more"'],
  ]
  const form = { bucket: 'bucket', key: 'k', fields: new Map<string, string>(), now: NOW }
  for (const [policy, complaint] of unreadable) {
    assert.equal(
      refusal(() => assertPolicy(encode(policy), form)),
      invalid(complaint),
    )
  }
  assert.equal(
    refusal(() => assertPolicy('not base64!', form)),
    invalid('invalid Base64 encoding.'),
  )
})

test('a condition that leaves something to guess is refused', () => {
  const one =
    'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.'
  const sizes = 'Invalid content-length-range: sizes are whole numbers of 0 or more.'
  const odd: readonly (readonly [unknown, string])[] = [
    [{}, one],
    [{ acl: 'private', key: 'k' }, one],
    [{ acl: 1 }, 'Invalid Simple-Condition: value must be a string.'],
    ['acl', 'Invalid condition test: must be a List or Object.'],
    [[], 'Invalid Condition: missing operation identifier.'],
    [['ends-with', '$key', 'a'], "Invalid Condition: unknown operation 'ends-with'."],
    [['eq', '$acl'], 'Invalid eq: wrong number of arguments.'],
    [['eq', '$acl', 'a', 'b'], 'Invalid eq: wrong number of arguments.'],
    [['eq', 'acl', 'a'], 'Invalid eq: it takes "$" with the name of a field, and a string.'],
    [['content-length-range', 0], 'Invalid content-length-range: wrong number of arguments.'],
    [['content-length-range', -1, 0], sizes],
    [['content-length-range', 0.5, 1], sizes],
    [
      ['content-length-range', 2, 1],
      'Invalid content-length-range: the maximum is less than the minimum.',
    ],
  ]
  for (const [condition, complaint] of odd) {
    assert.equal(
      refusal(() => judge([BUCKET, KEY, condition])),
      invalid(complaint),
    )
  }
})
