import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicPolicy } from './is-public.ts'
import { parsePolicy } from './parse-policy.ts'

function isPublic(...statements: readonly object[]): boolean {
  const complete = statements.map((statement) => ({
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::b/*',
    ...statement,
  }))
  const text = JSON.stringify({ Version: '2012-10-17', Statement: complete })
  return isPublicPolicy(parsePolicy(text, { kind: 'bucket', bucket: 'b' }))
}

// @see S3 User Guide, "Blocking public access to your Amazon S3 storage", Public bucket policies
test('the examples of public policies that S3 gives are public, and the one that is not is not', () => {
  assert.equal(isPublic({ Principal: { Federated: 'graph.facebook.com' } }), true)
  assert.equal(isPublic({}), true)
  assert.equal(isPublic({ Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }), true)
  assert.equal(
    isPublic({ Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-91237329' } } }),
    false,
  )
})

test('named principals are not the public', () => {
  const principals = [
    { AWS: '111122223333' },
    { AWS: ['arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:user/a'] },
    { Service: 'cloudtrail.amazonaws.com' },
    { CanonicalUser: 'a'.repeat(64) },
  ]
  for (const Principal of principals) assert.equal(isPublic({ Principal }), false)
  assert.equal(isPublic({ Principal: { AWS: ['111122223333', '*'] } }), true)
})

test('one public statement makes the policy public, and denials do not help', () => {
  assert.equal(isPublic({ Principal: { AWS: '111122223333' } }, {}), true)
  assert.equal(isPublic({}, { Effect: 'Deny' }), true)
  assert.equal(isPublic({ Effect: 'Deny' }), false)
})

test('ranges of addresses broader than /8, or /32 for IPv6, are public', () => {
  const rows = [
    ['203.0.113.0/24', false],
    ['10.0.0.0/32', false],
    ['10.0.0.0/8', false],
    ['10.0.0.0/7', true],
    ['0.0.0.0/1', true],
    ['2001:db8::/32', false],
    ['2001:db8::/31', true],
    [['203.0.113.0/24', '::/0'], true],
  ] as const
  for (const [range, expected] of rows) {
    const found = isPublic({ Condition: { IpAddress: { 'aws:SourceIp': range } } })
    assert.equal(found, expected, String(range))
  }
  assert.equal(
    isPublic({ Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }),
    true,
  )
})

test('only a fixed value of a key that belongs to somebody keeps strangers out', () => {
  const rows = [
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, false],
    [{ StringLike: { 'AWS:SourceAccount': '111122223333' } }, false],
    [{ 'ForAnyValue:StringEquals': { 'aws:SourceVpce': 'vpce-1' } }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu:1:topic' } }, false],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu:*:topic' } }, true],
    [{ StringEquals: { 'aws:SourceAccount': '${aws:PrincipalAccount}' } }, true],
    [{ StringEquals: { 'aws:SourceAccount': ['111122223333', '*'] } }, true],
    [{ StringEqualsIfExists: { 'aws:SourceAccount': '111122223333' } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:SourceAccount': '111122223333' } }, true],
    [{ StringNotEquals: { 'aws:SourceAccount': '111122223333' } }, true],
    [{ Null: { 'aws:SourceAccount': 'false' } }, true],
    [{ StringEquals: { 'aws:username': 'alice' } }, true],
    [{ StringEquals: { 'aws:userid': 'alice' } }, true],
    [{ StringEquals: { 'aws:Referer': 'https://example.org' } }, true],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, true],
  ] as const
  for (const [Condition, expected] of rows) {
    assert.equal(isPublic({ Condition }), expected, JSON.stringify(Condition))
  }
})

test('all access points of one account are that account’s, not the public’s', () => {
  const rows = [
    ['arn:aws:s3:us-west-2:123456789012:accesspoint/*', false],
    ['arn:aws:s3:us-west-2:*:accesspoint/a', true],
  ] as const
  for (const [arn, expected] of rows) {
    assert.equal(isPublic({ Condition: { ArnLike: { 's3:DataAccessPointArn': arn } } }), expected)
  }
})
