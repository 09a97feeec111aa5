import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeName,
  decodeNumber,
  decodePartNumber,
  decodeUploadKey,
  decodeVersionKey,
  encodeKeyStart,
  encodeName,
  encodeNumber,
  encodePartKey,
  encodeUploadKey,
  encodeVersionKey,
  encodeWholeKey,
  rangeOfBucket,
  rangeOfKey,
  rangeOfParts,
} from './key-encoding.ts'

/** Keys as S3 takes them, with the bytes that encodings get wrong more often than chance would. */
const anyKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('\0', '\u0001', 'a', '/', '\u007f', '\ud7ff', '\ue000', '\u{10ffff}'),
    minLength: 1,
    maxLength: 6,
  }),
)
const anySequence = fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn })
const anyBucketId = fc.integer({ min: 1, max: 0xffff_fffe })
const anyUploadId = fc.stringMatching(/^[0-9a-f]{32}$/)

type Version = readonly [bucketId: number, key: string, sequence: bigint]
const anyVersion: fc.Arbitrary<Version> = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  anyKey,
  anySequence,
)

test('versions sort by bucket, then by the bytes of their key, then newest first', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (one, other) => {
      const encoded = Buffer.compare(encodeVersionKey(...one), encodeVersionKey(...other))
      assert.equal(Math.sign(encoded), compareVersions(one, other))
    }),
    { numRuns: 2000 },
  )
})

function compareVersions(one: Version, other: Version): number {
  if (one[0] !== other[0]) return one[0] < other[0] ? -1 : 1
  const keys = Buffer.compare(Buffer.from(one[1]), Buffer.from(other[1]))
  if (keys !== 0) return keys
  if (one[2] === other[2]) return 0
  return one[2] > other[2] ? -1 : 1
}

test('no key of a table is the beginning of another', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (one, other) => {
      fc.pre(compareVersions(one, other) !== 0)
      const [first, second] = [encodeVersionKey(...one), encodeVersionKey(...other)]
      assert.notDeepEqual(second.subarray(0, first.length), first)
    }),
    { numRuns: 2000 },
  )
})

test('what is encoded is decoded to the same', () => {
  fc.assert(
    fc.property(anyBucketId, anyKey, anySequence, (bucketId, key, sequence) => {
      assert.deepEqual(decodeVersionKey(encodeVersionKey(bucketId, key, sequence)), {
        key,
        sequence,
      })
      assert.equal(decodeName(encodeName(bucketId, key)), key)
      assert.equal(decodeNumber(encodeNumber(sequence)), sequence)
    }),
  )
  fc.assert(
    fc.property(anyBucketId, anyKey, anyUploadId, (bucketId, key, uploadId) => {
      assert.deepEqual(decodeUploadKey(encodeUploadKey(bucketId, key, uploadId)), { key, uploadId })
    }),
  )
  fc.assert(
    fc.property(anyUploadId, fc.integer({ min: 1, max: 10_000 }), (uploadId, partNumber) => {
      assert.equal(decodePartNumber(encodePartKey(uploadId, partNumber)), partNumber)
    }),
  )
})

test('the range of a key holds its versions and no others', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (one, other) => {
      const { start, end } = rangeOfKey(one[0], one[1])
      const key = encodeVersionKey(...other)
      const isWithin = Buffer.compare(start, key) <= 0 && Buffer.compare(key, end) < 0
      assert.equal(isWithin, one[0] === other[0] && one[1] === other[1])
      assert.deepEqual(key.subarray(0, -8), encodeWholeKey(other[0], other[1]))
    }),
  )
})

test('the start of a key stands before it and all that sort after it', () => {
  fc.assert(
    fc.property(anyKey, anyVersion, (key, version) => {
      const start = encodeKeyStart(version[0], key)
      const isAfter = Buffer.compare(start, encodeVersionKey(...version)) <= 0
      assert.equal(isAfter, Buffer.compare(Buffer.from(key), Buffer.from(version[1])) <= 0)
    }),
  )
})

test('the range of a bucket holds its rows and no others', () => {
  fc.assert(
    fc.property(anyBucketId, anyVersion, (bucketId, version) => {
      const { start, end } = rangeOfBucket(bucketId)
      const key = encodeVersionKey(...version)
      const isWithin = Buffer.compare(start, key) <= 0 && Buffer.compare(key, end) < 0
      assert.equal(isWithin, bucketId === version[0])
    }),
  )
})

test('the longest key of all NULs or of all 0xF4 fits into what lmdb takes', () => {
  const lmdbMaxKeyBytes = 1978
  for (const key of ['\0'.repeat(1024), '\u{10ffff}'.repeat(256)]) {
    assert.equal(Buffer.byteLength(key), 1024)
    assert.ok(encodeUploadKey(1, key, '0'.repeat(32)).length <= lmdbMaxKeyBytes)
    assert.equal(decodeVersionKey(encodeVersionKey(1, key, 1n)).key, key)
  }
})

test('parts are found behind any number that a caller may name', () => {
  for (const after of [0, 1, 9_999, 10_000, 65_535, 2 ** 40]) {
    const { start, end } = rangeOfParts('a'.repeat(32), after)
    assert.ok(Buffer.compare(start, end) <= 0)
  }
})
