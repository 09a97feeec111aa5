import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionHolds } from './conditions.ts'
import { parseConditions } from './parse-conditions.ts'

/** A condition as policies write it: operator, values of the policy, values of the request. */
type Row = readonly [
  operator: string,
  wanted: string | readonly string[],
  given: string | readonly string[] | undefined,
  holds: boolean,
]

function assertTruth(rows: readonly Row[]): void {
  for (const [operator, wanted, given, holds] of rows) {
    const conditions = parseConditions(
      { [operator]: { 'test:Key': wanted } },
      { where: 'the test', version: '2012-10-17', kind: 'bucket' },
    )
    const keys = new Map<string, readonly string[]>([['aws:username', ['alice']]])
    if (given !== undefined) keys.set('test:key', [given].flat())
    const context = { keys, variables: keys }
    const found = conditions.every((condition) => conditionHolds(condition, context))
    assert.equal(found, holds, `${operator} ${String(wanted)} of ${String(given)}`)
  }
}

test('strings are equal, equal but for case, or alike', () => {
  assertTruth([
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', 'a*', 'a*', true],
    ['StringEquals', '', '', true],
    ['StringEquals', '${aws:username}', 'alice', true],
    ['StringEquals', '${aws:none}', '', false],
    ['StringEqualsIgnoreCase', 'Straße', 'sTRASSE', false],
    ['StringEqualsIgnoreCase', 'Alice', 'aLICE', true],
    ['StringEqualsIgnoreCase', '${aws:username}', 'ALICE', true],
    ['StringNotEqualsIgnoreCase', 'Alice', 'aLICE', false],
    ['StringLike', 'home/*', 'home/x', true],
    ['StringLike', 'home/?', 'home/xy', false],
    ['StringLike', 'home/${aws:username}/*', 'home/alice/x', true],
    ['StringNotLike', 'home/*', 'home/x', false],
    ['StringNotLike', 'home/*', 'logs/x', true],
    ['stringlike', 'a', 'a', true],
  ])
})

test('of several values of a policy one is enough, and none may match a negated operator', () => {
  assertTruth([
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', ['a', 'b'], 'c', false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', ['a', 'b'], 'c', true],
    ['StringNotLike', ['a*', 'b*'], 'bc', false],
    ['NumericNotEquals', ['1', '2'], '2', false],
    ['NotIpAddress', ['10.0.0.0/8', '192.0.2.0/24'], '192.0.2.1', false],
    ['NotIpAddress', ['10.0.0.0/8', '192.0.2.0/24'], '192.0.3.1', true],
    ['ArnNotLike', ['arn:a:b:c:d:e*', 'arn:a:b:c:d:f*'], 'arn:a:b:c:d:f/x', false],
  ])
})

const ANY_DATE = '2026-01-01T00:00:00Z'

/** One value of each operator that is no match of anything missing. */
const PLAIN = [
  ['StringEquals', 'a'],
  ['StringEqualsIgnoreCase', 'a'],
  ['StringLike', '*'],
  ['NumericEquals', '0'],
  ['NumericLessThan', '1'],
  ['NumericLessThanEquals', '1'],
  ['NumericGreaterThan', '-1'],
  ['NumericGreaterThanEquals', '-1'],
  ['DateEquals', ANY_DATE],
  ['DateLessThan', ANY_DATE],
  ['DateLessThanEquals', ANY_DATE],
  ['DateGreaterThan', ANY_DATE],
  ['DateGreaterThanEquals', ANY_DATE],
  ['Bool', 'false'],
  ['BinaryEquals', ''],
  ['IpAddress', '0.0.0.0/0'],
  ['ArnEquals', '*'],
  ['ArnLike', '*'],
] as const

const NEGATED = [
  ['StringNotEquals', 'a'],
  ['StringNotEqualsIgnoreCase', 'a'],
  ['StringNotLike', '*'],
  ['NumericNotEquals', '0'],
  ['DateNotEquals', ANY_DATE],
  ['NotIpAddress', '0.0.0.0/0'],
  ['ArnNotEquals', '*'],
  ['ArnNotLike', '*'],
] as const

// @see IAM User Guide, "IAM JSON policy elements: Condition operators", the box "Important"
test('without the key a condition fails, and a negated one holds', () => {
  assertTruth(PLAIN.map(([operator, wanted]) => [operator, wanted, undefined, false]))
  assertTruth(NEGATED.map(([operator, wanted]) => [operator, wanted, undefined, true]))
  assertTruth([['StringEquals', 'a', [], false]])
})

test('with IfExists a condition holds without the key, and is what it was with it', () => {
  for (const [operator, wanted] of [...PLAIN, ...NEGATED]) {
    assertTruth([[`${operator}IfExists`, wanted, undefined, true]])
  }
  assertTruth([
    ['StringEqualsIfExists', 'a', 'b', false],
    ['StringNotEqualsIfExists', 'a', 'a', false],
    ['ForAllValues:StringLikeIfExists', 'a', ['a', 'b'], false],
    ['ForAnyValue:StringLikeIfExists', 'a', undefined, true],
  ])
})

// @see IAM User Guide, "Single-valued vs. multivalued context keys"
test('ForAllValues holds when every value of the request matches, and when there is none', () => {
  const fields = ['PostDateTime', 'Message', 'Tags']
  assertTruth([
    ['ForAllValues:StringLike', fields, ['PostDateTime', 'Message'], true],
    ['ForAllValues:StringLike', fields, ['PostDateTime', 'UserName'], false],
    ['ForAllValues:StringLike', fields, undefined, true],
    ['ForAllValues:StringLike', fields, '', true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['a', 'd'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], undefined, true],
  ])
})

test('ForAnyValue holds when one value of the request matches, and not when there is none', () => {
  assertTruth([
    ['ForAnyValue:StringEquals', ['ID', 'PostDateTime'], ['UserName', 'PostDateTime'], true],
    ['ForAnyValue:StringEquals', ['ID', 'PostDateTime'], 'UserName', false],
    ['ForAnyValue:StringEquals', ['ID', ''], undefined, false],
    ['ForAnyValue:StringEquals', ['ID', ''], '', false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], undefined, false],
    ['ForAnyValue:NotIpAddress', '10.0.0.0/8', ['10.0.0.1', '192.0.2.1'], true],
  ])
})

test('a key with several values needs one that matches, and none that a negated operator names', () => {
  assertTruth([
    ['StringEquals', 'a', ['a', 'b'], true],
    ['StringNotEquals', 'a', ['a', 'b'], false],
  ])
})

test('Null asks whether the key is missing', () => {
  assertTruth([
    ['Null', 'true', undefined, true],
    ['Null', 'false', undefined, false],
    ['Null', 'true', 'a', false],
    ['Null', 'false', 'a', true],
    ['Null', 'true', '', true],
    ['Null', ['true', 'false'], 'a', true],
  ])
})

test('numbers compare as numbers, and with nothing else', () => {
  assertTruth([
    ['NumericEquals', '10', '10.0', true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThan', '-1.5', '-1', true],
    ['NumericGreaterThanEquals', '10', '9', false],
    ['NumericLessThan', '10', 'few', false],
    ['NumericLessThan', '10', '', false],
    ['NumericNotEquals', '10', 'few', true],
    ['NumericEquals', '16', '0x10', false],
  ])
})

test('dates are ISO 8601 or seconds since 1970, and compare with each other', () => {
  const moment = '2026-11-20T12:00:00Z'
  assertTruth([
    ['DateEquals', moment, '2026-11-20T13:00:00+01:00', true],
    ['DateEquals', moment, String(Date.UTC(2026, 10, 20, 12) / 1000), true],
    ['DateEquals', moment, '2026-11-20T12:00', true],
    ['DateEquals', '2026-11-20', '2026-11-20T00:00:00.000Z', true],
    ['DateEquals', '2026', '2026-01-01T00:00Z', true],
    ['DateNotEquals', moment, '2026-11-20T12:00:01Z', true],
    ['DateLessThan', moment, '2026-11-20T11:59:59Z', true],
    ['DateLessThan', moment, moment, false],
    ['DateLessThanEquals', moment, moment, true],
    ['DateGreaterThan', moment, moment, false],
    ['DateGreaterThan', '1700000000', moment, true],
    ['DateGreaterThanEquals', moment, moment, true],
    ['DateLessThan', moment, 'yesterday', false],
  ])
})

test('Bool compares true and false, BinaryEquals bytes with base64', () => {
  assertTruth([
    ['Bool', 'true', 'true', true],
    ['Bool', 'True', 'true', true],
    ['Bool', 'false', 'true', false],
    ['Bool', 'false', '', false],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'BinaryValueInBase64', true],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'binaryvalueinbase64', false],
  ])
})

test('addresses lie in ranges of their own kind', () => {
  assertTruth([
    ['IpAddress', '203.0.113.0/24', '203.0.113.255', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.0', false],
    ['IpAddress', '203.0.113.7', '203.0.113.7', true],
    ['IpAddress', '203.0.113.7', '203.0.113.8', false],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678:9::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', '0.0.0.0/0', '::1', false],
    ['IpAddress', '203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', 'unknown', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
  ])
})

// @see IAM User Guide, "Amazon Resource Name (ARN) condition operators"
test('ArnEquals and ArnLike are the same', () => {
  for (const operator of ['ArnEquals', 'ArnLike']) {
    assertTruth([
      [operator, 'arn:aws:s3:::b*', 'arn:aws:s3:::bucket/key', true],
      [operator, 'arn:*:iam::1:user/${aws:username}', 'arn:aws:iam::1:user/alice', true],
      [operator, 'arn:aws:sns:*:1:x', 'arn:aws:sns:a:b:1:x', false],
      [operator, 'arn:aws:s3:::B', 'arn:aws:s3:::b', false],
    ])
  }
  assertTruth([
    ['ArnNotEquals', 'arn:aws:s3:::b*', 'arn:aws:s3:::bucket', false],
    ['ArnNotLike', 'arn:aws:s3:::b*', 'arn:aws:s3:::other', true],
  ])
})
