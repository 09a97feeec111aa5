import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBoundedMap } from './bounded-map.ts'

test('a full map forgets what was used longest ago', () => {
  const map = createBoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  assert.equal(map.get('a'), 1)
  map.set('c', 3)
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3])
})

test('a cleared map is empty', () => {
  const map = createBoundedMap<string, number>(2)
  map.set('a', 1)
  map.clear()
  assert.equal(map.get('a'), undefined)
})
