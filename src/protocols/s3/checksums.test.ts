import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIGEST_ALGORITHMS, DIGEST_SIZE_BYTES } from '../../base/digest.ts'
import { parseAnnouncedChecksum, parseUploadChecksum } from './checksums.ts'

const REFUSED = { code: /^Invalid(Request|Checksum)$/ }

test('each of the ten algorithms is announced in a header of its own', () => {
  assert.equal(DIGEST_ALGORITHMS.length, 10)
  for (const algorithm of DIGEST_ALGORITHMS) {
    const value = Buffer.alloc(DIGEST_SIZE_BYTES[algorithm]).toString('base64')
    const headers = { [`x-amz-checksum-${algorithm.toLowerCase()}`]: [value] }
    assert.deepEqual(parseAnnouncedChecksum(headers), { algorithm, value })
  }
})

test('a trailer announces a checksum without its value', () => {
  const headers = { 'x-amz-trailer': ['x-amz-checksum-crc32'] }
  assert.deepEqual(parseAnnouncedChecksum(headers), { algorithm: 'CRC32' })
})

test('two checksums, none where one was promised, and no valid one are refused', () => {
  const crc32 = { 'x-amz-checksum-crc32': ['AAAAAA=='] }
  const bad = [
    { ...crc32, 'x-amz-checksum-crc32c': ['AAAAAA=='] },
    { ...crc32, 'x-amz-sdk-checksum-algorithm': ['SHA1'] },
    { 'x-amz-sdk-checksum-algorithm': ['CRC32'] },
    { 'x-amz-sdk-checksum-algorithm': ['ROT13'] },
    { 'x-amz-checksum-crc32': ['AAAA'] },
    { 'x-amz-checksum-crc32': ['AAAAAA'] },
  ]
  for (const headers of bad) assert.throws(() => parseAnnouncedChecksum(headers), REFUSED)
  assert.equal(parseAnnouncedChecksum({ 'x-amz-checksum-mode': ['ENABLED'] }), undefined)
})

const parse = (algorithm?: string, type?: string) =>
  parseUploadChecksum({
    ...(algorithm !== undefined && { 'x-amz-checksum-algorithm': [algorithm] }),
    ...(type !== undefined && { 'x-amz-checksum-type': [type] }),
  })

test('an upload has the type that fits its algorithm, unless it names one', () => {
  assert.equal(parse(), undefined)
  assert.deepEqual(parse('SHA256'), { algorithm: 'SHA256', type: 'composite' })
  assert.deepEqual(parse('crc32'), { algorithm: 'CRC32', type: 'composite' })
  assert.deepEqual(parse('CRC64NVME'), { algorithm: 'CRC64NVME', type: 'full-object' })
  assert.deepEqual(parse('CRC32C', 'FULL_OBJECT'), { algorithm: 'CRC32C', type: 'full-object' })
  assert.throws(() => parse('SHA1', 'FULL_OBJECT'), REFUSED)
  assert.throws(() => parse('CRC64NVME', 'COMPOSITE'), REFUSED)
  assert.throws(() => parse(undefined, 'COMPOSITE'), REFUSED)
  assert.throws(() => parse('CRC32', 'HALF'), REFUSED)
})
