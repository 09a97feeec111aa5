import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import { combineCrc, type CrcPart, isCrcAlgorithm } from './combine-crc.ts'
import { DIGEST_ALGORITHMS, digestOf } from './digest.ts'

const CRCS = DIGEST_ALGORITHMS.filter((algorithm) => isCrcAlgorithm(algorithm))

test('the combined checksum is the checksum of the concatenation', () => {
  assert.equal(CRCS.length, 3)
  const parts = fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom(...CRCS), parts, (algorithm, bytes) => {
      const combined = combineCrc(
        algorithm,
        bytes.map((part) => ({ crc: digestOf(algorithm, part), sizeBytes: part.length })),
      )
      const whole = digestOf(algorithm, Buffer.concat(bytes))
      assert.equal(Buffer.from(combined).toString('hex'), Buffer.from(whole).toString('hex'))
    }),
  )
})

test('a part of 5 GiB of zeros after a byte costs no more than a small one', () => {
  const sizeBytes = 5 * 1024 ** 3
  const first = { crc: digestOf('CRC32', Buffer.from('a')), sizeBytes: 1 }
  // Half and half must give what one piece gives: no need to hash 5 GiB to know it is right.
  const startedAt = performance.now()
  assert.deepEqual(
    combineCrc('CRC32', [first, zeros(sizeBytes / 2), zeros(sizeBytes / 2)]),
    combineCrc('CRC32', [first, zeros(sizeBytes)]),
  )
  assert.ok(performance.now() - startedAt < 1000)
})

function zeros(size: number): CrcPart {
  return { crc: crcOfZeros(size), sizeBytes: size }
}

function crcOfZeros(size: number): Uint8Array {
  if (size <= 1024) return digestOf('CRC32', new Uint8Array(size))
  const half = zeros(Math.floor(size / 2))
  const rest = size % 2 === 0 ? [] : [zeros(1)]
  return combineCrc('CRC32', [half, half, ...rest])
}
