import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCrcAlgorithm } from '../base/combine-crc.ts'
import { DIGEST_ALGORITHMS, digestOf, type DigestAlgorithm } from '../base/digest.ts'
import { LIMITS } from './limits.ts'
import { assembleUpload } from './multipart.ts'
import type { Part } from './object-store.ts'

const CONTENTS = [
  Buffer.alloc(LIMITS.partBytesMin, 'a'),
  Buffer.alloc(LIMITS.partBytesMin, 'b'),
  Buffer.from('last'),
]

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function partOf(content: Uint8Array, partNumber: number, algorithm?: DigestAlgorithm): Part {
  return {
    partNumber,
    size: content.length,
    etag: Buffer.from(digestOf('MD5', content)).toString('hex'),
    modifiedAt: new Date(0),
    ...(algorithm && {
      checksum: { algorithm, type: 'full-object', value: base64(digestOf(algorithm, content)) },
    }),
  }
}

function storedParts(algorithm?: DigestAlgorithm): ReadonlyMap<number, Part> {
  return new Map(
    CONTENTS.map((content, at) => {
      const partNumber = at * 2 + 1
      return [partNumber, partOf(content, partNumber, algorithm)]
    }),
  )
}

const PLAIN = { uploadId: 'upload' }
const STORED = storedParts()
const ALL = [...STORED.values()].map(({ partNumber, etag }) => ({ partNumber, etag }))

function refusal(code: string, details: object = {}) {
  return (error: Error & { code?: string; details?: object }): boolean => {
    assert.equal(error.code, code)
    assert.partialDeepStrictEqual(error.details, details)
    return true
  }
}

test('the ETag is the MD5 of the MD5s, with the number of parts', () => {
  const { etag, size, parts, checksum } = assembleUpload(PLAIN, STORED, { parts: ALL })
  const md5s = Buffer.concat(CONTENTS.map((content) => digestOf('MD5', content)))
  assert.equal(etag, `${Buffer.from(digestOf('MD5', md5s)).toString('hex')}-3`)
  assert.equal(size, 2 * LIMITS.partBytesMin + 4)
  assert.deepEqual(parts, [...STORED.values()])
  assert.equal(checksum, undefined)
})

test('parts that are stored but not named are left out', () => {
  const named = ALL.slice(1, 2)
  const { size, parts } = assembleUpload(PLAIN, STORED, { parts: named })
  assert.deepEqual([size, parts.length], [LIMITS.partBytesMin, 1])
})

test('checksums are those that a client computes over the whole', () => {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const stored = storedParts(algorithm)
    const raw = Buffer.concat(CONTENTS.map((content) => digestOf(algorithm, content)))
    const composite = { algorithm, type: 'composite' } as const
    const request = { parts: ALL }
    assert.deepEqual(assembleUpload({ ...PLAIN, checksum: composite }, stored, request).checksum, {
      ...composite,
      value: `${base64(digestOf(algorithm, raw))}-3`,
    })
    const full = { algorithm, type: 'full-object' } as const
    const assemble = (): unknown =>
      assembleUpload({ ...PLAIN, checksum: full }, stored, request).checksum
    if (isCrcAlgorithm(algorithm)) {
      const value = base64(digestOf(algorithm, Buffer.concat(CONTENTS)))
      assert.deepEqual(assemble(), { ...full, value })
    } else {
      assert.throws(assemble, refusal('InvalidArgument'))
    }
  }
})

test('an announced checksum is compared, with or without its number of parts', () => {
  const upload = { ...PLAIN, checksum: { algorithm: 'SHA256', type: 'composite' } } as const
  const stored = storedParts('SHA256')
  const value = assembleUpload(upload, stored, { parts: ALL }).checksum?.value ?? ''
  assembleUpload(upload, stored, { parts: ALL, checksum: value })
  assembleUpload(upload, stored, { parts: ALL, checksum: value.slice(0, -2) })
  for (const checksum of ['', 'AAAA', `${value.slice(0, -2)}-2`]) {
    const assemble = (): unknown => assembleUpload(upload, stored, { parts: ALL, checksum })
    assert.throws(assemble, refusal('BadChecksum'), checksum)
  }
})

test('a part without the checksum that the upload asked for is refused', () => {
  const upload = { ...PLAIN, checksum: { algorithm: 'CRC32', type: 'composite' } } as const
  for (const stored of [STORED, storedParts('SHA1')]) {
    const assemble = (): unknown => assembleUpload(upload, stored, { parts: ALL })
    assert.throws(assemble, refusal('InvalidPart', { partNumber: 1 }))
  }
})

test('missing parts, other ETags, disorder, small parts and other sizes are refused', () => {
  const [one, two, three] = ALL
  assert.ok(one && two && three)
  const assemble = (parts: typeof ALL, size?: number) => (): unknown =>
    assembleUpload(PLAIN, STORED, size === undefined ? { parts } : { parts, size })
  assert.throws(assemble([]), refusal('InvalidPart'))
  assert.throws(
    assemble([one, { ...two, partNumber: 2 }]),
    refusal('InvalidPart', { partNumber: 2 }),
  )
  assert.throws(assemble([{ ...one, etag: two.etag }]), refusal('InvalidPart', { partNumber: 1 }))
  assert.throws(assemble([two, one]), refusal('InvalidPartOrder', { partNumber: 1 }))
  assert.throws(assemble([one, one]), refusal('InvalidPartOrder'))
  const small = new Map([...STORED, [6, partOf(Buffer.from('end'), 6)]])
  const withSmall = [one, three, { partNumber: 6, etag: small.get(6)?.etag ?? '' }]
  assert.throws(
    () => assembleUpload(PLAIN, small, { parts: withSmall }),
    refusal('PartTooSmall', { partNumber: 5, size: 4, etag: three.etag }),
  )
  assert.throws(assemble(ALL, 1), refusal('InvalidArgument'))
  assemble(ALL, 2 * LIMITS.partBytesMin + 4)()
})
