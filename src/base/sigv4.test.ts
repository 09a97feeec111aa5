import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import * as fc from 'fast-check'
import { createManualClock } from './clock.ts'
import {
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  deriveSigningKey,
  encodeUri,
  formatTimestamp,
  isSameSignature,
  parseTimestamp,
  sign,
  stringToSign,
} from './sigv4.ts'

// From AWS's documentation: S3 API Reference, "Signature Calculations for the Authorization Header:
// Transferring Payload in a Single Chunk", and "Authenticating Requests: Using Query Parameters".
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const SCOPE = { day: '20130524', region: 'us-east-1', service: 's3' }
const TIMESTAMP = '20130524T000000Z'
const HOST = ['host', 'examplebucket.s3.amazonaws.com'] as const
const DATE = ['x-amz-date', TIMESTAMP] as const
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const EMPTY = ['x-amz-content-sha256', EMPTY_HASH] as const

function signRequest(request: string): string {
  const text = stringToSign({ timestamp: TIMESTAMP, scope: SCOPE, canonicalRequest: request })
  return sign(deriveSigningKey(SECRET, SCOPE), text)
}

test("AWS's example of GetObject gives its signature", () => {
  const request = canonicalRequest({
    method: 'GET',
    rawPath: '/test.txt',
    query: '',
    headers: [HOST, ['range', 'bytes=0-9'], EMPTY, DATE],
    payloadHash: EMPTY_HASH,
  })
  assert.equal(
    signRequest(request),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  )
})

test("AWS's example of PutObject gives its signature", () => {
  const hash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'
  const request = canonicalRequest({
    method: 'PUT',
    rawPath: '/test%24file.text',
    query: '',
    headers: [
      ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
      HOST,
      ['x-amz-content-sha256', hash],
      DATE,
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ],
    payloadHash: hash,
  })
  assert.equal(
    signRequest(request),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  )
})

test("AWS's examples with a query string give their signatures", () => {
  const lifecycle = canonicalRequest({
    method: 'GET',
    rawPath: '/',
    query: canonicalQuery([{ name: 'lifecycle', value: '' }]),
    headers: [HOST, EMPTY, DATE],
    payloadHash: EMPTY_HASH,
  })
  assert.equal(
    signRequest(lifecycle),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  )
  const list = canonicalRequest({
    method: 'GET',
    rawPath: '/',
    query: canonicalQuery([
      { name: 'prefix', value: 'J' },
      { name: 'max-keys', value: '2' },
    ]),
    headers: [HOST, EMPTY, DATE],
    payloadHash: EMPTY_HASH,
  })
  assert.equal(
    signRequest(list),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  )
})

test("AWS's example of a presigned URL gives its signature", () => {
  const request = canonicalRequest({
    method: 'GET',
    rawPath: '/test.txt',
    query: canonicalQuery([
      { name: 'X-Amz-Algorithm', value: 'AWS4-HMAC-SHA256' },
      {
        name: 'X-Amz-Credential',
        value: 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
      },
      { name: 'X-Amz-Date', value: TIMESTAMP },
      { name: 'X-Amz-Expires', value: '86400' },
      { name: 'X-Amz-SignedHeaders', value: 'host' },
    ]),
    headers: [HOST],
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  assert.equal(
    signRequest(request),
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
})

test('query parameters are sorted after they are encoded, names first', () => {
  const query = canonicalQuery([
    { name: 'b', value: '2' },
    { name: 'a-', value: 'x' },
    { name: 'a', value: 'z' },
    { name: 'a', value: 'B' },
    { name: 'é', value: "~!'()*+ /" },
    { name: 'a%', value: '' },
  ])
  assert.equal(query, '%C3%A9=~%21%27%28%29%2A%2B%20%2F&a=B&a=z&a%25=&a-=x&b=2')
})

test('only unreserved characters stay as they are', () => {
  assert.equal(encodeUri('AZaz09-._~'), 'AZaz09-._~')
  assert.equal(encodeUri('/ +é😀\0'), '%2F%20%2B%C3%A9%F0%9F%98%80%00')
})

test('header values lose outer whitespace and runs of spaces, and are sorted by name', () => {
  const request = canonicalRequest({
    method: 'GET',
    rawPath: '/a//../b',
    query: '',
    headers: [
      ['x-amz-meta-b', '  a   b \t'],
      ['host', 'h'],
    ],
    payloadHash: 'H',
  })
  assert.equal(request, 'GET\n/a//../b\n\nhost:h\nx-amz-meta-b:a b\n\nhost;x-amz-meta-b\nH')
})

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

test('keys and texts of any length give the signatures that Node computes', () => {
  const given = fc.record({
    secret: fc.string({ maxLength: 200 }),
    text: fc.string({ unit: 'binary' }),
  })
  fc.assert(
    fc.property(given, fc.nat(3000), ({ secret, text }, padding) => {
      const { day, region, service } = SCOPE
      const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
        hmac,
        `AWS4${secret}`,
      )
      const long = text + ' '.repeat(padding)
      assert.equal(sign(deriveSigningKey(secret, SCOPE), long), hmac(key, long).toString('hex'))
    }),
  )
})

test('the key cache gives the derived key, keeps it, and forgets the oldest', () => {
  const keyFor = createSigningKeyCache(2)
  const first = keyFor(SECRET, SCOPE)
  assert.deepEqual(first, deriveSigningKey(SECRET, SCOPE))
  assert.strictEqual(keyFor(SECRET, SCOPE), first)
  keyFor(SECRET, { ...SCOPE, day: '20130525' })
  keyFor(SECRET, { ...SCOPE, day: '20130526' })
  assert.notStrictEqual(keyFor(SECRET, SCOPE), first)
})

test('signatures are compared whole', () => {
  assert.ok(isSameSignature('abc', 'abc'))
  assert.ok(!isSameSignature('abc', 'abd'))
  assert.ok(!isSameSignature('abc', 'abcd'))
  assert.ok(!isSameSignature('', 'a'))
})

test('timestamps are read strictly and written back', () => {
  const clock = createManualClock(new Date('2013-05-24T01:02:03.999Z'))
  assert.equal(formatTimestamp(new Date(clock.now())), '20130524T010203Z')
  assert.equal(parseTimestamp('20130524T010203Z')?.toISOString(), '2013-05-24T01:02:03.000Z')
  for (const text of ['20130524', '20131324T010203Z', '20130230T010203Z', '20130524T010203', '']) {
    assert.equal(parseTimestamp(text), undefined, text)
  }
})
