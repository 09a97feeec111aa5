import assert from 'node:assert/strict'
import test from 'node:test'
import { createChunkPool } from './chunk-buffers.ts'

const CHUNK_BYTES = 262_144

test('a buffer that came back is filled again, by any body', () => {
  const pool = createChunkPool()
  const first = pool.open()
  const buffer = first.take()
  first.give(buffer)
  assert.equal(pool.open().take(), buffer)
})

test('from 64 MiB under way on, bodies have small buffers', () => {
  const pool = createChunkPool()
  const bodies = Array.from({ length: 300 }, () => pool.open())
  const sizes = bodies.map((body) => body.take().byteLength)
  assert.deepEqual(new Set(sizes.slice(0, 256)), new Set([CHUNK_BYTES]))
  assert.deepEqual(new Set(sizes.slice(256)), new Set([65_536]))
  for (const body of bodies) body.close()
  assert.equal(pool.usedBytes(), 0)
  assert.equal(pool.open().take().byteLength, CHUNK_BYTES)
})

test('what a body takes or gives after its end is not counted', () => {
  const pool = createChunkPool()
  const body = pool.open()
  const buffer = body.take()
  body.close()
  body.take()
  body.give(buffer)
  body.close()
  assert.equal(pool.usedBytes(), 0)
})
