import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertWithin, resolveRange } from './range.ts'

test('a range is clamped to the object', () => {
  assert.deepEqual(resolveRange(undefined, 10), { start: 0, end: 10 })
  assert.deepEqual(resolveRange({ start: 2, end: 5 }, 10), { start: 2, end: 5 })
  assert.deepEqual(resolveRange({ start: 2 }, 10), { start: 2, end: 10 })
  assert.deepEqual(resolveRange({ start: 9, end: 99 }, 10), { start: 9, end: 10 })
  assert.deepEqual(resolveRange({ lastBytes: 3 }, 10), { start: 7, end: 10 })
  assert.deepEqual(resolveRange({ lastBytes: 99 }, 10), { start: 0, end: 10 })
})

test('without a range an empty object is read whole; every range of it is outside', () => {
  assert.deepEqual(resolveRange(undefined, 0), { start: 0, end: 0 })
  for (const range of [{ start: 0 }, { start: 0, end: 1 }, { lastBytes: 1 }]) {
    assert.throws(() => resolveRange(range, 0), { code: 'InvalidRange', details: { size: 0 } })
  }
})

test('a range that names no byte is refused', () => {
  for (const range of [{ start: 10 }, { start: 11, end: 20 }, { lastBytes: 0 }]) {
    assert.throws(() => resolveRange(range, 10), { code: 'InvalidRange', details: { size: 10 } })
  }
})

test('a range that ends before it begins is refused', () => {
  for (const range of [
    { start: 5, end: 5 },
    { start: 5, end: 4 },
  ]) {
    assert.throws(() => resolveRange(range, 10), { code: 'InvalidRange' })
  }
})

test('a part is copied only from bytes that are all there', () => {
  assertWithin({ start: 0, end: 10 }, 10)
  assertWithin({ start: 9, end: 10 }, 10)
  for (const [start, end] of [
    [0, 11],
    [10, 11],
    [5, 5],
    [6, 5],
  ] as const) {
    assert.throws(() => assertWithin({ start, end }, 10), { code: 'InvalidRange' })
  }
})
