import assert from 'node:assert/strict'
import test from 'node:test'
import { decodePercent, findParameter, parseQuery } from './query.ts'

test('order, duplicates and empty values are kept', () => {
  assert.deepEqual(parseQuery('b=1&a&b=2&c='), [
    { name: 'b', value: '1' },
    { name: 'a', value: '' },
    { name: 'b', value: '2' },
    { name: 'c', value: '' },
  ])
  assert.deepEqual(parseQuery(''), [])
  assert.deepEqual(parseQuery('&&a'), [{ name: 'a', value: '' }])
})

test('the first of several values is found', () => {
  const query = parseQuery('b=1&b=2&uploads')
  assert.equal(findParameter(query, 'b'), '1')
  assert.equal(findParameter(query, 'uploads'), '')
  assert.equal(findParameter(query, 'absent'), undefined)
})

test('a plus sign is a plus sign', () => {
  assert.equal(findParameter(parseQuery('prefix=a+b%20c%2B'), 'prefix'), 'a+b c+')
})

test('a value may hold equals signs, and names are decoded too', () => {
  assert.deepEqual(parseQuery('a%20b=c=d'), [{ name: 'a b', value: 'c=d' }])
})

test('percent-encoded UTF-8 is decoded, also when bytes came without encoding', () => {
  assert.equal(decodePercent('%F0%9F%98%80/%00'), '😀/\0')
  assert.equal(decodePercent(Buffer.from('ü%20').toString('latin1')), 'ü ')
})

test('what is not percent-encoded UTF-8 cannot be decoded, and stays as sent in a query', () => {
  for (const raw of ['%', '%2', '%zz', '%ff', '\u00ff']) assert.equal(decodePercent(raw), undefined)
  assert.equal(findParameter(parseQuery('a=%zz'), 'a'), '%zz')
})
