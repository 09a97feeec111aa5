import assert from 'node:assert/strict'
import test from 'node:test'
import { createSeededRandom, systemRandom } from './random.ts'

test('the system never gives the same bytes twice, also across a refill of its pool', () => {
  const seen = new Set(Array.from({ length: 1000 }, () => systemRandom.hex(16)))
  assert.equal(seen.size, 1000)
  assert.equal(systemRandom.hex(16).length, 32)
  assert.equal(systemRandom.bytes(10_000).length, 10_000)
})

test('bytes that were handed out stay as they are', () => {
  const bytes = systemRandom.bytes(16)
  const copy = Uint8Array.from(bytes)
  for (let round = 0; round < 1000; round++) systemRandom.bytes(16)
  assert.deepEqual(bytes, copy)
})

test('a seed repeats its bytes and another seed does not', () => {
  assert.deepEqual(createSeededRandom(7).bytes(33), createSeededRandom(7).bytes(33))
  assert.notDeepEqual(createSeededRandom(7).bytes(33), createSeededRandom(8).bytes(33))
})

test('seed 1234567 gives the first numbers of the published generator', () => {
  // The values that Rosetta Code, "Pseudo-random numbers/Splitmix64", lists for this seed.
  const words = new BigUint64Array(createSeededRandom(1234567).bytes(16).slice().buffer)
  assert.deepEqual([...words], [6457827717110365317n, 3203168211198807973n])
})
