import assert from 'node:assert/strict'
import test from 'node:test'
import { formatContentRange, parseRange } from './range.ts'

test('a range is read, half open', () => {
  assert.deepEqual(parseRange('bytes=0-0'), { start: 0, end: 1 })
  assert.deepEqual(parseRange('bytes=5-9'), { start: 5, end: 10 })
  assert.deepEqual(parseRange('bytes=5-'), { start: 5 })
  assert.deepEqual(parseRange('bytes=-5'), { lastBytes: 5 })
  assert.deepEqual(parseRange('bytes=-0'), { lastBytes: 0 })
  assert.deepEqual(parseRange('Bytes = 1 - 2 '), { start: 1, end: 3 })
})

test('whatever is not one valid range of bytes means the whole object', () => {
  const headers = [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=9-5',
    'bytes=a-b',
    'lines=1-2',
  ]
  for (const header of [...headers, 'bytes=0-1,3-4', 'bytes=0-1, 3-4', 'bytes=--1']) {
    assert.equal(parseRange(header), undefined, header)
  }
})

test('offsets too large for a number stay exact enough to lie behind every object', () => {
  const huge = '9'.repeat(30)
  assert.deepEqual(parseRange(`bytes=0-${huge}`), { start: 0, end: Number.MAX_SAFE_INTEGER })
  assert.deepEqual(parseRange(`bytes=${huge}-`), { start: Number.MAX_SAFE_INTEGER - 1 })
})

test('a content range names its last byte and the whole size', () => {
  assert.equal(formatContentRange({ start: 0, end: 10 }, 100), 'bytes 0-9/100')
})
