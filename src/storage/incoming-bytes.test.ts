import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIGEST_ALGORITHMS, digestOf, type DigestAlgorithm } from '../base/digest.ts'
import type { BodyDigest } from './body.ts'
import { openBody, type IncomingBytes } from './incoming-bytes.ts'

const TEXT = Buffer.from('what comes in')
const LIMIT = { maxBytes: 1000 }

function digest(algorithm: DigestAlgorithm, encoding: 'hex' | 'base64'): string {
  return Buffer.from(digestOf(algorithm, TEXT)).toString(encoding)
}

async function* inPieces(bytes = TEXT): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5)
}

/** Reads a body to its end; tells what passed and what the body says of it. */
async function receive(
  announced: Omit<IncomingBytes, 'bytes'>,
  options: Parameters<typeof openBody>[1] = LIMIT,
): Promise<{ readonly passed: string; readonly digest: BodyDigest }> {
  const body = openBody({ bytes: inPieces(), ...announced }, options)
  let passed = ''
  for await (const chunk of body.bytes) passed += Buffer.from(chunk).toString()
  return { passed, digest: body.digest() }
}

test('bytes pass as they are, and their size and MD5 are known afterwards', async () => {
  assert.deepEqual(await receive({}), {
    passed: TEXT.toString(),
    digest: { size: TEXT.length, md5: digest('MD5', 'hex'), checksum: undefined },
  })
})

test('what was announced and is true passes, in every algorithm', async () => {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const value = digest(algorithm, 'base64')
    const received = await receive({
      size: TEXT.length,
      md5: digest('MD5', 'base64'),
      sha256: digest('SHA256', 'hex'),
      checksum: { algorithm, value },
    })
    assert.deepEqual(received.digest.checksum, { algorithm, type: 'full-object', value })
  }
})

test('a checksum is computed when one is only asked for', async () => {
  const checksum = { algorithm: 'CRC32C', type: 'full-object', value: digest('CRC32C', 'base64') }
  const announced = await receive({ checksum: { algorithm: 'CRC32C' } })
  assert.deepEqual(announced.digest.checksum, checksum)
  const asked = await receive({}, { ...LIMIT, algorithm: 'CRC32C' })
  assert.deepEqual(asked.digest.checksum, checksum)
})

test('a trailer is asked for after the last byte', async () => {
  let asked = 0
  const trailer = (): string => {
    asked += 1
    return digest('CRC32', 'base64')
  }
  const body = openBody(
    { bytes: inPieces(), checksum: { algorithm: 'CRC32', value: trailer } },
    LIMIT,
  )
  for await (const chunk of body.bytes) assert.ok(chunk.length > 0 && asked === 0)
  assert.equal(asked, 1)
  assert.equal(body.digest().checksum?.value, digest('CRC32', 'base64'))
})

test('what was announced and is not true is refused, each with its code', async () => {
  const wrong = digest('CRC32', 'base64').toLowerCase()
  const lies: readonly (readonly [announced: Omit<IncomingBytes, 'bytes'>, code: string])[] = [
    [{ size: TEXT.length + 1 }, 'IncompleteBody'],
    [{ size: TEXT.length - 1 }, 'IncompleteBody'],
    [{ size: 0 }, 'IncompleteBody'],
    [{ md5: digest('SHA1', 'base64') }, 'BadDigest'],
    [{ sha256: digest('SHA256', 'base64') }, 'BadPayloadHash'],
    [{ checksum: { algorithm: 'CRC32C', value: wrong } }, 'BadChecksum'],
    [{ checksum: { algorithm: 'CRC32C', value: () => wrong } }, 'BadChecksum'],
    [{ checksum: { algorithm: 'CRC32C', value: () => undefined } }, 'BadChecksum'],
    [{ checksum: { algorithm: 'MD5', value: wrong } }, 'BadChecksum'],
  ]
  for (const [announced, code] of lies) {
    await assert.rejects(
      receive(announced),
      { name: 'StorageError', code },
      JSON.stringify(announced),
    )
  }
})

test('no byte beyond the announced size passes', async () => {
  const body = openBody({ bytes: inPieces(), size: 5 }, LIMIT)
  const chunks: Uint8Array[] = []
  const readAll = async (): Promise<void> => {
    for await (const chunk of body.bytes) chunks.push(chunk)
  }
  await assert.rejects(readAll(), { code: 'IncompleteBody' })
  assert.equal(Buffer.concat(chunks).length, 5)
})

test('a body that is too large is refused before its first byte, or when it proves to be', async () => {
  const options = { maxBytes: TEXT.length - 1 }
  const announced = { bytes: inPieces(), size: TEXT.length }
  assert.throws(() => openBody(announced, options), { code: 'BodyTooLarge' })
  await assert.rejects(receive({}, options), { code: 'BodyTooLarge' })
  await receive({}, { maxBytes: TEXT.length })
})

test('only a clean end has a digest', async () => {
  const body = openBody({ bytes: inPieces(), md5: 'wrong' }, LIMIT)
  assert.throws(() => body.digest(), /ended cleanly/)
  await assert.rejects(async () => {
    for await (const _ of body.bytes);
  })
  assert.throws(() => body.digest(), /ended cleanly/)
})

test('a reader that stops lets go of the sender', async () => {
  let isFreed = false
  const bytes = (async function* () {
    try {
      yield* inPieces()
    } finally {
      isFreed = true
    }
  })()
  for await (const _ of openBody({ bytes }, LIMIT).bytes) break
  assert.ok(isFreed)
})
