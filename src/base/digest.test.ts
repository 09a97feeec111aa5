import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import {
  createDigest,
  DIGEST_ALGORITHMS,
  DIGEST_SIZE_BYTES,
  type DigestAlgorithm,
  digestOf,
} from './digest.ts'

// The values that AWS's own SDK expects for this text: ChecksumInterceptorTest.cpp,
// aws/aws-sdk-cpp.
const MEMENTO_MORI: Partial<Record<DigestAlgorithm, string>> = {
  SHA512:
    'b3tSwOm8ciYgInIl7qsmQMTRTg6bftRpEBagE0ZWONKrb19uOBf1HZX++/ttF/2n/6MFWBq3O4Msl2oP/XC+pQ==',
  XXHASH64: 'gpWjYMLp9XA=',
  XXHASH3: '9RrF7krhuOI=',
  XXHASH128: 'AW5DBY+18wW7VuSsFyNFAg==',
}

// The check values of "123456789": the CRC catalogue (reveng.sourceforge.io) and coreutils.
const CHECK: Partial<Record<DigestAlgorithm, string>> = {
  CRC32: 'cbf43926',
  CRC32C: 'e3069283',
  CRC64NVME: 'ae8b14860a799888',
  MD5: '25f9e794323b453885f5181f1b624d0b',
  SHA1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  SHA256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
}

test('published values come out, big-endian and with seed 0', () => {
  let compared = 0
  for (const algorithm of DIGEST_ALGORITHMS) {
    const memento = Buffer.from(digestOf(algorithm, Buffer.from('Memento Mori')))
    const check = Buffer.from(digestOf(algorithm, Buffer.from('123456789')))
    assert.equal(memento.toString('base64'), MEMENTO_MORI[algorithm] ?? memento.toString('base64'))
    assert.equal(check.toString('hex'), CHECK[algorithm] ?? check.toString('hex'))
    if (algorithm in MEMENTO_MORI || algorithm in CHECK) compared++
  }
  assert.equal(compared, DIGEST_ALGORITHMS.length)
})

test('every algorithm gives as many bytes as the table says, also for nothing at all', () => {
  for (const algorithm of DIGEST_ALGORITHMS) {
    assert.equal(createDigest(algorithm).digest().length, DIGEST_SIZE_BYTES[algorithm], algorithm)
  }
})

test('pieces give the digest of the whole, however many digests take turns', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.constantFrom(...DIGEST_ALGORITHMS), pieces, pieces, (algorithm, one, two) => {
      const first = createDigest(algorithm)
      const second = createDigest(algorithm)
      for (let turn = 0; turn < Math.max(one.length, two.length); turn++) {
        if (one[turn] !== undefined) first.update(one[turn]!)
        if (two[turn] !== undefined) second.update(two[turn]!)
      }
      assert.deepEqual(plain(first.digest()), plain(digestOf(algorithm, Buffer.concat(one))))
      assert.deepEqual(plain(second.digest()), plain(digestOf(algorithm, Buffer.concat(two))))
    }),
  )
})

test('a digest that is dropped half-way does not disturb the next', () => {
  for (const algorithm of DIGEST_ALGORITHMS) {
    createDigest(algorithm).update(Buffer.from('dropped'))
    const value = MEMENTO_MORI[algorithm]
    if (value === undefined) continue
    const digest = digestOf(algorithm, Buffer.from('Memento Mori'))
    assert.equal(Buffer.from(digest).toString('base64'), value)
  }
})

test('bytes may be overwritten as soon as update returns', () => {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const digest = createDigest(algorithm)
    const bytes = Buffer.from('Memento Mori')
    digest.update(bytes)
    bytes.fill(0)
    const expected = digestOf(algorithm, Buffer.from('Memento Mori'))
    assert.deepEqual(plain(digest.digest()), plain(expected), algorithm)
  }
})

function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
