import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import test from 'node:test'
import { deriveSigningKey, formatScope, sha256Hex, sign } from '../../base/sigv4.ts'
import type { ChunkSigning } from '../http/signature/payload-seal.ts'
import {
  type ChunkedBodyErrorCode,
  type ChunkedBodyOptions,
  ChunkedBodyError,
  decodeChunkedBody,
} from './chunked-body.ts'

// The 66,560 letters "a" that AWS's documentation sends in chunks of 64 KiB: S3 API Reference,
// "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks",
// and "… Including trailing headers".
const SCOPE = { day: '20130524', region: 'us-east-1', service: 's3' }
const KEY = deriveSigningKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', SCOPE)
const PAYLOAD = Buffer.alloc(66_560, 'a')
const SIZES = [65_536, 1024, 0]

function signingWith(seedSignature: string): ChunkSigning {
  return { key: KEY, timestamp: '20130524T000000Z', scope: formatScope(SCOPE), seedSignature }
}

const SIGNED: ChunkedBodyOptions = {
  decodedSizeBytes: PAYLOAD.length,
  signing: signingWith('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'),
  hasTrailers: false,
}
const SIGNED_BODY = frame([
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
])

const WITH_TRAILER: ChunkedBodyOptions = {
  decodedSizeBytes: PAYLOAD.length,
  signing: signingWith('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'),
  hasTrailers: true,
  announcedTrailers: ['x-amz-checksum-crc32c'],
}
const TRAILER_SIGNATURE = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435'
const WITH_TRAILER_BODY = frame(
  [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ],
  `x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:${TRAILER_SIGNATURE}\r\n\r\n`,
)

const UNSIGNED: ChunkedBodyOptions = {
  decodedSizeBytes: PAYLOAD.length,
  signing: undefined,
  hasTrailers: true,
  announcedTrailers: ['x-amz-checksum-crc32c'],
}
const UNSIGNED_BODY = frame([], 'x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n')

function frame(signatures: readonly string[], trailers = '\r\n'): Buffer {
  let sent = 0
  const chunks = SIZES.map((size, place) => {
    const signature = signatures[place] === undefined ? '' : `;chunk-signature=${signatures[place]}`
    const data = PAYLOAD.subarray(sent, (sent += size))
    const lineEnd = size === 0 ? '' : '\r\n'
    return Buffer.concat([
      Buffer.from(`${size.toString(16)}${signature}\r\n`),
      data,
      Buffer.from(lineEnd),
    ])
  })
  return Buffer.concat([...chunks, Buffer.from(trailers)])
}

async function read(pieces: readonly Uint8Array[], options: ChunkedBodyOptions) {
  const { bytes, trailers } = decodeChunkedBody(toStream(pieces), options)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return { payload: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) }
}

async function* toStream(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function refuses(
  body: Buffer | string,
  options: ChunkedBodyOptions,
  code: ChunkedBodyErrorCode,
): Promise<void> {
  await assert.rejects(
    () => read([Buffer.from(body)], options),
    (error) => error instanceof ChunkedBodyError && error.code === code,
  )
}

function spoil(body: Buffer, from: string, to: string): Buffer {
  assert.ok(body.includes(from))
  return Buffer.from(body.toString('latin1').replace(from, to), 'latin1')
}

test("AWS's example of signed chunks is read", async () => {
  const { payload, trailers } = await read([SIGNED_BODY], SIGNED)
  assert.ok(payload.equals(PAYLOAD))
  assert.deepEqual(trailers, {})
})

test("AWS's example of signed chunks with a signed trailer is read", async () => {
  const { payload, trailers } = await read([WITH_TRAILER_BODY], WITH_TRAILER)
  assert.ok(payload.equals(PAYLOAD))
  assert.deepEqual(trailers, { 'x-amz-checksum-crc32c': 'sOO8/Q==' })
})

test('unsigned chunks with a trailer are read, also without the last line end', async () => {
  for (const body of [UNSIGNED_BODY, UNSIGNED_BODY.subarray(0, -2)]) {
    const { payload, trailers } = await read([body], UNSIGNED)
    assert.ok(payload.equals(PAYLOAD))
    assert.deepEqual(trailers, { 'x-amz-checksum-crc32c': 'sOO8/Q==' })
  }
})

test('a trailer that ends as minio-go ends it is read', async () => {
  const body = spoil(WITH_TRAILER_BODY, 'sOO8/Q==\r\n', 'sOO8/Q==\n\r\n')
  assert.equal((await read([body], WITH_TRAILER)).payload.length, PAYLOAD.length)
})

test('it does not matter where the stream is cut', async () => {
  const cases = [
    [SIGNED_BODY, SIGNED],
    [WITH_TRAILER_BODY, WITH_TRAILER],
    [UNSIGNED_BODY, UNSIGNED],
  ] as const
  const cuts = fc.array(fc.nat(), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cases), cuts, async ([body, options], places) => {
      const sorted = places.map((place) => place % body.length).toSorted((a, b) => a - b)
      const pieces = [0, ...sorted].map((place, number) => body.subarray(place, sorted[number]))
      const { payload } = await read(pieces, options)
      assert.ok(payload.equals(PAYLOAD))
    }),
  )
})

test('it does not matter either when every byte comes alone', async () => {
  const small = { ...UNSIGNED, decodedSizeBytes: 5, announcedTrailers: ['a'] }
  const body = Buffer.from('2\r\nhe\r\n3\r\nllo\r\n0\r\na:b\r\n\r\n')
  const { payload, trailers } = await read(
    [...body].map((byte) => Uint8Array.of(byte)),
    small,
  )
  assert.equal(payload.toString(), 'hello')
  assert.deepEqual(trailers, { a: 'b' })
})

test('a body that ends at any earlier byte is refused', async () => {
  const small = { ...UNSIGNED, decodedSizeBytes: 5, announcedTrailers: ['a'] }
  const body = Buffer.from('2\r\nhe\r\n3\r\nllo\r\n0\r\na:b\r\n\r\n')
  for (let size = 0; size < body.length - 3; size++) {
    await assert.rejects(() => read([body.subarray(0, size)], small), ChunkedBodyError, `${size}`)
  }
})

test('a wrong chunk signature is found before a byte of the chunk passes', async () => {
  const body = spoil(SIGNED_BODY, 'ad80c7', 'ad80c8')
  const { bytes } = decodeChunkedBody(toStream([body]), SIGNED)
  await assert.rejects(
    () => bytes[Symbol.asyncIterator]().next(),
    (error) => error instanceof ChunkedBodyError && error.code === 'ChunkSignatureMismatch',
  )
})

test('changed bytes, missing signatures and a changed last chunk are refused', async () => {
  await refuses(spoil(SIGNED_BODY, 'aaaa', 'aaab'), SIGNED, 'ChunkSignatureMismatch')
  await refuses(frame([]), SIGNED, 'ChunkSignatureMismatch')
  await refuses(spoil(SIGNED_BODY, 'b6c6ea', 'b6c6eb'), SIGNED, 'ChunkSignatureMismatch')
})

test('trailers are refused when their signature is wrong or absent, or one is odd', async () => {
  const changed = spoil(WITH_TRAILER_BODY, 'sOO8', 'sOO9')
  await refuses(changed, WITH_TRAILER, 'TrailerSignatureMismatch')
  const bare = spoil(WITH_TRAILER_BODY, `x-amz-trailer-signature:${TRAILER_SIGNATURE}\r\n`, '')
  await refuses(bare, WITH_TRAILER, 'TrailerSignatureMismatch')
  await refuses(frame([]), UNSIGNED, 'TrailerMalformed')
  await refuses(frame([], 'x-other:1\r\n\r\n'), UNSIGNED, 'TrailerMalformed')
  await refuses(frame([], 'no colon\r\n\r\n'), UNSIGNED, 'TrailerMalformed')
  await refuses(UNSIGNED_BODY, { ...UNSIGNED, hasTrailers: false }, 'TrailerMalformed')
})

test('the decoded size must be what was announced', async () => {
  await refuses(UNSIGNED_BODY, { ...UNSIGNED, decodedSizeBytes: 66_559 }, 'DecodedSizeMismatch')
  await refuses(UNSIGNED_BODY, { ...UNSIGNED, decodedSizeBytes: 66_561 }, 'DecodedSizeMismatch')
})

test('framing that is wrong is refused', async () => {
  const options = { ...UNSIGNED, decodedSizeBytes: 3, announcedTrailers: [] }
  const bodies = ['hello', 'x\r\n', '3\r\nabcd\r\n0\r\n\r\n', '-3\r\nabc\r\n', '3;a=b\r\nabc\r\n']
  for (const body of bodies) {
    await refuses(body, options, body === 'hello' ? 'BodyIncomplete' : 'FramingMalformed')
  }
  await refuses('3\r\nabc\r\n0\r\n\r\nmore', options, 'FramingMalformed')
  await refuses('1'.repeat(5000), options, 'FramingMalformed')
})

test('a header that announces 8 GB takes no memory', async () => {
  const signature = 'a'.repeat(64)
  const header = `200000000;chunk-signature=${signature}\r\n`
  const options = { ...SIGNED, decodedSizeBytes: 2 ** 33 }
  await refuses(header, options, 'ChunkTooLarge')
  await refuses(header, { ...UNSIGNED, decodedSizeBytes: 2 ** 33 }, 'BodyIncomplete')
})

test('stopping early frees the source', async () => {
  let freed = false
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield UNSIGNED_BODY.subarray(0, 1000)
      yield UNSIGNED_BODY.subarray(1000)
    } finally {
      freed = true
    }
  }
  for await (const _ of decodeChunkedBody(source(), UNSIGNED).bytes) break
  assert.ok(freed)
})

test('any chunks that are signed here are read there', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(pieces, async (payload) => {
      const signing = signingWith('0'.repeat(64))
      let previous = signing.seedSignature
      const framed = [...payload, new Uint8Array()].flatMap((piece) => {
        const text = ['AWS4-HMAC-SHA256-PAYLOAD', signing.timestamp, signing.scope, previous]
        previous = sign(KEY, [...text, sha256Hex(Buffer.of()), sha256Hex(piece)].join('\n'))
        const header = `${piece.length.toString(16)};chunk-signature=${previous}\r\n`
        return [Buffer.from(header), piece, Buffer.from('\r\n')]
      })
      const whole = Buffer.concat(payload)
      const options = { decodedSizeBytes: whole.length, signing, hasTrailers: false }
      assert.ok((await read(framed, options)).payload.equals(whole))
    }),
  )
})

function trailersOf(names: readonly string[]): string {
  return `${names.map((name) => `${name}:1\r\n`).join('')}\r\n`
}

test('a body has at most MAX_TRAILERS trailers', async () => {
  const names = Array.from({ length: 17 }, (_, at) => `x-amz-trailer-${at}`)
  const options = { ...UNSIGNED, announcedTrailers: names }
  const few = { ...options, announcedTrailers: names.slice(1) }
  const { trailers } = await read([frame([], trailersOf(names.slice(1)))], few)
  assert.equal(Object.keys(trailers).length, 16)
  await refuses(frame([], trailersOf(names)), options, 'TrailerMalformed')
})
