import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bareEtag, parseDeleteCondition, parseWriteCondition } from './conditions.ts'

test('a write compares ETags and knows no dates', () => {
  assert.equal(
    parseWriteCondition({ 'if-unmodified-since': ['Sun, 06 Nov 1994 08:49:37 GMT'] }),
    undefined,
  )
  assert.deepEqual(parseWriteCondition({ 'if-none-match': ['*'] }), { ifNoneMatch: ['*'] })
  assert.deepEqual(parseWriteCondition({ 'if-match': ['"a"'] }), { ifMatch: ['a'] })
})

test('a delete compares ETag, size and time', () => {
  assert.equal(parseDeleteCondition({}), undefined)
  const headers = {
    'if-match': ['"a"'],
    'x-amz-if-match-size': ['5'],
    'x-amz-if-match-last-modified-time': ['Sun, 06 Nov 1994 08:49:37 GMT'],
  }
  assert.deepEqual(parseDeleteCondition(headers), {
    ifMatch: 'a',
    ifMatchSize: 5,
    ifMatchLastModified: new Date('1994-11-06T08:49:37Z'),
  })
})

test('a condition on a delete that cannot be read refuses it, rather than delete anyway', () => {
  for (const [name, value] of [
    ['x-amz-if-match-size', 'five'],
    ['x-amz-if-match-last-modified-time', 'yesterday'],
  ] as const) {
    assert.throws(() => parseDeleteCondition({ [name]: [value] }), { code: 'InvalidArgument' })
  }
  // An empty ETag matches nothing, so it does not open the way either.
  assert.deepEqual(parseDeleteCondition({ 'if-match': [''] }), { ifMatch: '' })
})

test('ETags come with quotes and without', () => {
  assert.deepEqual(['"a"', 'a', ' "a" ', 'W/"a"', '*'].map(bareEtag), ['a', 'a', 'a', 'a', '*'])
})
