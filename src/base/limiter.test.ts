import assert from 'node:assert/strict'
import test from 'node:test'
import { createLimiter, createShares } from './limiter.ts'

test('a limiter gives what it has and no more', () => {
  const limiter = createLimiter(10)
  assert.ok(limiter.take(7))
  assert.ok(!limiter.take(4))
  assert.ok(limiter.take(3))
  limiter.give(7)
  assert.ok(limiter.take(7))
  assert.deepEqual(limiter.counts(), { used: 10, usedMost: 10, refused: 1 })
})

test('what was refused is not taken', () => {
  const limiter = createLimiter(1)
  assert.ok(!limiter.take(2))
  assert.equal(limiter.counts().used, 0)
})

test('one name cannot take the share of another', () => {
  const shares = createShares(2)
  assert.ok(shares.take('greedy'))
  assert.ok(shares.take('greedy'))
  assert.ok(!shares.take('greedy'))
  assert.ok(shares.take('modest'))
  shares.give('greedy')
  assert.ok(shares.take('greedy'))
  assert.deepEqual(shares.counts(), { used: 2, usedMost: 2, refused: 1 })
})

test('a name that gave everything back is forgotten', () => {
  const shares = createShares(1)
  for (let count = 0; count < 1000; count++) {
    const name = `key-${count}`
    assert.ok(shares.take(name))
    shares.give(name)
  }
  assert.deepEqual(shares.counts(), { used: 0, usedMost: 1, refused: 0 })
})
