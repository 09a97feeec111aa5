/** A stop under load: what was acknowledged is there, and the process says it went well. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { PutObjectCommand, S3Client as S3 } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import type { S3Client } from '../load/s3-client.ts'
import { ROOT_KEYS } from './coffer-process.ts'
import { serve } from './serving.ts'

const WRITERS = 32
const BODY_SIZES_BYTES = [100, 20_000, 400_000]
const LOAD_MS = 300

test('a stop under load loses nothing, refuses politely and ends with 0', async (context) => {
  const { folder, coffer, client } = await serve(context, { connections: WRITERS })
  await createBucket(client, 'load')
  const acknowledged = new Map<string, Buffer>()
  const writers = Array.from({ length: WRITERS }, (_, writer) =>
    writeUntilRefused(client, { writer, acknowledged }),
  )
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS))
  const startedMs = performance.now()
  const { exitCode, signal } = await coffer.stop()
  const tookMs = performance.now() - startedMs
  const refusals = await Promise.all(writers)
  assert.deepEqual({ exitCode, signal }, { exitCode: 0, signal: null })
  assert.ok(tookMs < 10_000, `the stop took ${tookMs} ms`)
  assert.ok(acknowledged.size > WRITERS, `only ${acknowledged.size} writes before the stop`)
  // Nobody was cut off: not a connection was reset, no answer ended before its end.
  assert.deepEqual(
    refusals.filter((each) => each !== 'ServiceUnavailable' && each !== 'ECONNREFUSED'),
    [],
  )
  assert.ok(!existsSync(join(folder, 'address')))

  const again = await serve(context, { folder })
  for (const [key, body] of acknowledged) {
    const found = await getObject(again.client, { bucket: 'load', key })
    assert.ok(body.equals(found.body), key)
  }
  assert.equal((await again.coffer.stop()).exitCode, 0)
})

test('a second signal ends the process at once', async (context) => {
  const { coffer, client } = await serve(context)
  await createBucket(client, 'load')
  const { closed } = await holdUpload(coffer.url)
  coffer.signal('SIGINT')
  // npm forwards Ctrl-C, which the terminal has sent too: that is still the first signal.
  coffer.signal('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  coffer.signal('SIGTERM')
  const { signal } = await coffer.ended
  assert.equal(signal, 'SIGTERM')
  await closed
})

test('a stop cuts off what does not end within its limit', async (context) => {
  const { coffer, client } = await serve(context, { given: ['--stop-timeout-seconds', '1'] })
  await createBucket(client, 'load')
  const { closed } = await holdUpload(coffer.url)
  const startedMs = performance.now()
  const { exitCode } = await coffer.stop()
  const tookMs = performance.now() - startedMs
  assert.equal(exitCode, 0)
  assert.ok(tookMs > 900 && tookMs < 10_000, `the stop took ${tookMs} ms`)
  await closed
})

/** An upload that has begun and never ends; a graceful stop waits for it. */
async function holdUpload(endpoint: string): Promise<{ readonly closed: Promise<unknown> }> {
  const s3 = new S3({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: ROOT_KEYS.COFFER_ROOT_USER,
      secretAccessKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
    },
  })
  const url = new URL(await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'load', Key: 'held' })))
  const socket = connect(Number(url.port), url.hostname)
  const closed = once(socket, 'close')
  socket.on('error', () => undefined).resume()
  await once(socket, 'connect')
  const head = `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: 5`
  socket.write(`${head}\r\n\r\n12`)
  await new Promise((resolve) => setTimeout(resolve, 200))
  return { closed }
}

async function writeUntilRefused(
  client: S3Client,
  { writer, acknowledged }: { writer: number; acknowledged: Map<string, Buffer> },
): Promise<string> {
  for (let round = 0; ; round++) {
    const size = BODY_SIZES_BYTES[round % BODY_SIZES_BYTES.length] ?? 0
    const body = Buffer.alloc(size, `${writer}/${round} `)
    const key = `${writer}/${round}`
    try {
      await putObject(client, { bucket: 'load', key, body })
    } catch (error) {
      return codeOf(error)
    }
    acknowledged.set(key, body)
  }
}

/** What S3 said, or the system. */
function codeOf(error: unknown): string {
  assert.ok(error instanceof Error)
  return 'code' in error ? String(error.code) : error.message
}
