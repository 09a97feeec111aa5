import assert from 'node:assert/strict'
import test from 'node:test'
import { formatHttpDate, parseHttpDate } from './http-date.ts'

test('all three forms of RFC 9110 name the same moment', () => {
  const at = new Date('1994-11-06T08:49:37Z')
  assert.deepEqual(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), at)
  assert.deepEqual(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), at)
  assert.deepEqual(parseHttpDate('Sun Nov  6 08:49:37 1994'), at)
  assert.deepEqual(parseHttpDate('Sun, 06 Nov 1994 08:49:37 +0000'), at)
})

test('what is written is read', () => {
  const at = new Date('2026-02-28T23:59:59Z')
  assert.equal(formatHttpDate(at), 'Sat, 28 Feb 2026 23:59:59 GMT')
  assert.deepEqual(parseHttpDate(formatHttpDate(at)), at)
})

test('what names no moment is nothing', () => {
  const texts = [
    '',
    '2026-02-28T23:59:59Z',
    'Sat, 30 Feb 2026 23:59:59 GMT',
    'Sat, 28 Foo 2026 23:59:59 GMT',
    'Sat, 28 Feb 2026 24:59:59 GMT',
    'Sat, 28 Feb 2026 23:59:59 CET',
  ]
  for (const text of texts) assert.equal(parseHttpDate(text), undefined, text)
})
