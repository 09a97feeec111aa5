import assert from 'node:assert/strict'
import test from 'node:test'
import { layOut } from './lay-out.ts'

const MEBIBYTE = 1024 * 1024

test('parts cover the whole without a gap, the last being what is left', () => {
  const stretches = layOut({ sizeBytes: 11 * MEBIBYTE + 1 }, 5 * MEBIBYTE)
  assert.deepEqual(stretches, [
    { partNumber: 1, offset: 0, sizeBytes: 5 * MEBIBYTE },
    { partNumber: 2, offset: 5 * MEBIBYTE, sizeBytes: 5 * MEBIBYTE },
    { partNumber: 3, offset: 10 * MEBIBYTE, sizeBytes: MEBIBYTE + 1 },
  ])
})

test('the largest object that S3 has fits in ten thousand parts', () => {
  const stretches = layOut({ sizeBytes: 5 * 1024 ** 4 }, 16 * MEBIBYTE)
  assert.ok(stretches.length <= 10_000, `${stretches.length}`)
  assert.equal(
    stretches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    5 * 1024 ** 4,
  )
})
