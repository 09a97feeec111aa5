/** A stop under load: what was acknowledged is there, and the process says it went well. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import type { S3Client } from '../load/s3-client.ts'
import { serve } from './serving.ts'

const WRITERS = 8
const BODY_SIZES_BYTES = [100, 20_000, 400_000]
const LOAD_MS = 500

test('a stop under load ends with 0 and loses nothing that was acknowledged', async (context) => {
  const { folder, coffer, client } = await serve(context)
  await createBucket(client, 'load')
  const acknowledged = new Map<string, Buffer>()
  const writers = Array.from({ length: WRITERS }, (_, writer) =>
    writeUntilRefused(client, { writer, acknowledged }),
  )
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS))
  const { exitCode, signal } = await coffer.stop()
  await Promise.all(writers)
  assert.deepEqual({ exitCode, signal }, { exitCode: 0, signal: null })
  assert.ok(acknowledged.size > WRITERS, `only ${acknowledged.size} writes before the stop`)
  assert.ok(!existsSync(join(folder, 'address')))

  const again = await serve(context, { folder })
  for (const [key, body] of acknowledged) {
    const found = await getObject(again.client, { bucket: 'load', key })
    assert.ok(body.equals(found.body), key)
  }
  assert.equal((await again.coffer.stop()).exitCode, 0)
})

test('a second signal ends the process at once', async (context) => {
  const { coffer } = await serve(context)
  // A request that never ends holds the graceful stop up.
  const held = fetch(`${coffer.url}/load/held`, {
    method: 'PUT',
    body: new ReadableStream({ pull: () => new Promise(() => {}) }),
    duplex: 'half',
  }).catch(() => undefined)
  coffer.signal('SIGINT')
  coffer.signal('SIGTERM')
  const { signal } = await coffer.ended
  assert.equal(signal, 'SIGTERM')
  await held
})

async function writeUntilRefused(
  client: S3Client,
  { writer, acknowledged }: { writer: number; acknowledged: Map<string, Buffer> },
): Promise<void> {
  for (let round = 0; ; round++) {
    const size = BODY_SIZES_BYTES[round % BODY_SIZES_BYTES.length] ?? 0
    const body = Buffer.alloc(size, `${writer}/${round} `)
    const key = `${writer}/${round}`
    try {
      await putObject(client, { bucket: 'load', key, body })
    } catch {
      return
    }
    acknowledged.set(key, body)
  }
}
