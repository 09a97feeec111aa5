import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '../app/config.ts'
import { collectPair, renderFacts, renderTable, withAccount } from './records.ts'

test('columns are as wide as what stands in them', () => {
  const rows = [
    ['alice', '1'],
    ['b', '22'],
  ]
  assert.equal(renderTable(['NAME', 'N'], rows), 'NAME   N\nalice  1\nb      22')
  assert.equal(renderTable(['NAME', 'N'], []), 'NAME  N')
})

test('facts stand below one another, and what there is none of is said', () => {
  const facts = { name: 'alice', groups: ['a', 'b'], keys: [] }
  assert.equal(renderFacts(facts), 'name    alice\ngroups  a, b\nkeys    -')
})

test('pairs are collected, and a value may hold an equals sign', () => {
  const pairs = collectPair('b=c=d', collectPair('a=1'))
  assert.deepEqual(pairs, { a: '1', b: 'c=d' })
  for (const text of ['a', '=a', '']) assert.throws(() => collectPair(text), ConfigurationError)
})

test('the account is asked about only when it is named', () => {
  assert.deepEqual(withAccount({}, { name: 'a' }), { name: 'a' })
  assert.deepEqual(withAccount({ account: '1' }, { name: 'a' }), { name: 'a', account: '1' })
})
