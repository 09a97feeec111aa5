import assert from 'node:assert/strict'
import test from 'node:test'
import { parseCondition, parseEtags } from './conditional.ts'

test('no headers, no condition', () => {
  assert.equal(parseCondition({}), undefined)
  assert.equal(parseCondition({ 'if-modified-since': ['yesterday'] }), undefined)
})

test('all four headers make one condition', () => {
  const condition = parseCondition({
    'if-match': ['"a"'],
    'if-none-match': ['*'],
    'if-modified-since': ['Sun, 06 Nov 1994 08:49:37 GMT'],
    'if-unmodified-since': ['Sunday, 06-Nov-94 08:49:38 GMT'],
  })
  assert.deepEqual(condition, {
    ifMatch: ['a'],
    ifNoneMatch: ['*'],
    ifModifiedSince: new Date('1994-11-06T08:49:37Z'),
    ifUnmodifiedSince: new Date('1994-11-06T08:49:38Z'),
  })
})

test('the condition on a copy source has its own headers', () => {
  const headers = { 'if-match': ['"a"'], 'x-amz-copy-source-if-none-match': ['"b"'] }
  assert.deepEqual(parseCondition(headers, 'x-amz-copy-source-'), { ifNoneMatch: ['b'] })
})

test('ETags are read from lists, with and without quotes, weak ones too', () => {
  assert.deepEqual(parseEtags('"a", "b,c" ,d'), ['a', 'b,c', 'd'])
  assert.deepEqual(parseEtags('9e107d9d372bb6826bd81d3542a419d6-2'), [
    '9e107d9d372bb6826bd81d3542a419d6-2',
  ])
  assert.deepEqual(parseEtags('W/"weak"'), ['weak'])
  assert.deepEqual(parseEtags(''), [])
})

test('several field lines are one list', () => {
  assert.deepEqual(parseCondition({ 'if-match': ['"a"', '"b"'] }), { ifMatch: ['a', 'b'] })
})
