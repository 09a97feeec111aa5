/** A stop under load: what was acknowledged is there, and the process says it went well. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import { openS3Client, type S3Client } from '../load/s3-client.ts'
import { ROOT_KEYS, serveCoffer, temporaryFolder, type RunningCoffer } from './coffer-process.ts'

const WRITERS = 8
const BODY_SIZES_BYTES = [100, 20_000, 400_000]
const LOAD_MS = 500

type Serving = { readonly coffer: RunningCoffer; readonly client: S3Client }

async function serve(context: TestContext, folder: string): Promise<Serving> {
  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0', '--log-level', 'warn'])
  context.after(() => coffer.signal('SIGKILL'))
  const client = openS3Client({
    endpoint: coffer.url,
    accessKey: ROOT_KEYS.COFFER_ROOT_USER,
    secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
    connections: WRITERS,
  })
  context.after(() => client.close())
  return { coffer, client }
}

test('a stop under load ends with 0 and loses nothing that was acknowledged', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const { coffer, client } = await serve(context, folder)
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

  const again = await serve(context, folder)
  for (const [key, body] of acknowledged) {
    const found = await getObject(again.client, { bucket: 'load', key })
    assert.ok(body.equals(found.body), key)
  }
  assert.equal((await again.coffer.stop()).exitCode, 0)
})

test('a second signal ends the process at once', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const { coffer } = await serve(context, folder)
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
