import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fillText,
  findPatternProblem,
  matchAction,
  matchArn,
  matchCharacters,
  matchPattern,
  parseCharacters,
} from './match-pattern.ts'

const KEYS = new Map([
  ['aws:username', ['alice']],
  ['aws:principaltag/team', ['a*b']],
  ['aws:userid', []],
  ['aws:tagkeys', ['one', 'two']],
])

const MATCHES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'any thing/at:all', true],
  ['?', '', false],
  ['?', '😀', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a*c', 'ac', true],
  ['a*c', 'abcbc', true],
  ['a*c', 'abcb', false],
  ['*a*b', 'ab', true],
  ['**a', 'bba', true],
  ['logs/*', 'logs/', true],
  ['logs/*', 'logs', false],
  ['Logs/*', 'logs/x', false],
  ['a.c', 'abc', false],
  ['[a]', 'a', false],
]

test('`*` stands for any characters, `?` for one, everything else for itself', () => {
  for (const [pattern, text, matches] of MATCHES) {
    assert.equal(matchPattern(pattern, text, undefined), matches, `${pattern} of ${text}`)
  }
})

test('a variable stands for the value of its key, whose name ignores case', () => {
  assert.ok(matchPattern('home/${aws:username}/*', 'home/alice/x', KEYS))
  assert.ok(matchPattern('home/${AWS:UserName}/*', 'home/alice/x', KEYS))
  assert.ok(!matchPattern('home/${aws:username}/*', 'home/bob/x', KEYS))
})

test('the value of a variable is text: its wildcards match only themselves', () => {
  assert.ok(matchPattern('${aws:PrincipalTag/team}', 'a*b', KEYS))
  assert.ok(!matchPattern('${aws:PrincipalTag/team}', 'axb', KEYS))
})

test('a variable without a value matches nothing, also not beside `*`', () => {
  for (const name of ['aws:PrincipalTag/none', 'aws:userid', 'aws:TagKeys']) {
    assert.ok(!matchPattern(`*\${${name}}*`, '', KEYS), name)
    assert.ok(!matchPattern(`*\${${name}}*`, `\${${name}}`, KEYS), name)
    assert.equal(fillText(`\${${name}}`, KEYS), undefined)
  }
})

test('a default takes the place of a value that is missing, and of no other', () => {
  assert.equal(fillText("${aws:userid, 'anonymous'}", KEYS), 'anonymous')
  assert.equal(fillText("${aws:username, 'anonymous'}", KEYS), 'alice')
  assert.equal(fillText("${aws:userid,''}", KEYS), '')
  assert.ok(!matchPattern("${aws:userid, '*'}", 'anyone', KEYS))
})

test('`${*}`, `${?}` and `${$}` are the characters themselves', () => {
  assert.ok(matchPattern('a${*}${?}${$}{x}', 'a*?${x}', KEYS))
  assert.ok(!matchPattern('a${*}', 'abc', KEYS))
})

test('without variables, as in version 2008-10-17, `${…}` is text', () => {
  assert.ok(matchPattern('${aws:username}', '${aws:username}', undefined))
  assert.equal(fillText('${aws:username}', undefined), '${aws:username}')
})

test('actions ignore case', () => {
  assert.ok(matchAction('s3:GET*', 's3:GetObject'))
  assert.ok(matchAction('*', 's3:GetObject'))
  assert.ok(!matchAction('s3:Get', 's3:GetObject'))
  assert.ok(!matchAction('sqs:*', 's3:GetObject'))
})

// @see IAM User Guide, "Amazon Resource Name (ARN) condition operators": the example given there
test('the parts of an ARN match each by itself', () => {
  const pattern = 'arn:aws:someservice:*:111122223333:finance/*'
  const spread =
    'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt'
  assert.ok(matchPattern(pattern, spread, undefined))
  assert.ok(!matchArn(pattern, spread, undefined))
  assert.ok(matchArn(pattern, 'arn:aws:someservice:eu:111122223333:finance/a:b', undefined))
})

test('an ARN has six parts; those that a pattern lacks may be anything', () => {
  for (const pattern of ['*', 'arn:aws:s3', 'arn:aws:s3:*', 'arn:aws:s3:::*']) {
    assert.ok(matchArn(pattern, 'arn:aws:s3:::bucket/key', undefined), pattern)
  }
  assert.ok(!matchArn('arn:aws:sqs', 'arn:aws:s3:::bucket/key', undefined))
  assert.ok(!matchArn('*', 'no ARN', undefined))
  assert.ok(!matchArn('arn:aws:s3:::', 'arn:aws:s3:::bucket', undefined))
})

test('colons of keys and of variables are no colons of the ARN', () => {
  assert.ok(matchArn('arn:aws:s3:::b/${aws:username}:x', 'arn:aws:s3:::b/alice:x', KEYS))
  assert.ok(matchArn('arn:aws:s3:::b/a:*', 'arn:aws:s3:::b/a:b:c', KEYS))
  assert.ok(matchArn('arn:aws:iam::${aws:username}:user/x', 'arn:aws:iam::alice:user/x', KEYS))
})

test('what begins like a variable and is none is told apart', () => {
  for (const pattern of ['${aws:username', '${}', '${user}', '${a:${b:c}}', "${a:b 'x'}"]) {
    assert.notEqual(findPatternProblem(pattern), undefined, pattern)
  }
  for (const pattern of ['$', '$5', '{a}', '${*}', '${aws:PrincipalTag/a b}', "${a:b, 'x'}"]) {
    assert.equal(findPatternProblem(pattern), undefined, pattern)
  }
})

test('hostile patterns take no more steps than text times longest piece between stars', () => {
  const length = 4000
  const text = 'a'.repeat(length)
  for (const piece of ['a', '?', 'aa', 'a?a']) {
    const stars = Math.floor(length / (piece.length + 1))
    const steps = countSteps(`${piece}*`.repeat(stars) + 'b', text)
    assert.ok(steps <= 3 * length * (piece.length + 1), `${piece}*: ${steps} steps`)
  }
  assert.ok(countSteps(`*${'a'.repeat(50)}b`, text) <= 2 * length * 51)
  assert.ok(countSteps(`${'*'.repeat(length)}b`, text) <= 5 * length)
})

/** How often a match looks at a character of the text. */
function countSteps(pattern: string, text: string): number {
  let steps = 0
  const counted = new Proxy(Array.from(text), {
    get(target, name) {
      if (name !== 'length') steps += 1
      return Reflect.get(target, name) as unknown
    },
  })
  assert.equal(matchCharacters(parseCharacters(pattern), counted), false)
  return steps
}
