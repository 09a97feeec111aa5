import assert from 'node:assert/strict'
import test from 'node:test'
import { createBufferPool } from './buffer-pool.ts'

test('a pool is tight from what it may have in use until it has it back', () => {
  const pool = createBufferPool({ idleBytes: 0, busyBytes: 65_536 })
  const buffers = [pool.take(40_000), pool.take(1)]
  assert.ok(pool.isTight())
  for (const buffer of buffers) pool.give(buffer)
  assert.ok(!pool.isTight())
})

test('a tight pool still gives what is asked for', () => {
  const pool = createBufferPool({ idleBytes: 0, busyBytes: 1 })
  assert.equal(pool.take(1).length, 8192)
  assert.equal(pool.take(1_048_576).length, 1_048_576)
})

test('idle buffers are used again, as far as they may be kept', () => {
  const pool = createBufferPool({ idleBytes: 8192 })
  const [first, second] = [pool.take(8192), pool.take(8192)]
  pool.give(first)
  pool.give(second)
  assert.equal(pool.take(8192), first)
  assert.notEqual(pool.take(8192), second)
})
