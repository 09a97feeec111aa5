/** Who asked for what: one line for each request, in the file that was named. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import { ROOT_KEYS, temporaryFolder } from './coffer-process.ts'
import { serve } from './serving.ts'

type Line = Readonly<Record<string, unknown>>

test('each request has one line that says who asked for what, and how it went', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const path = join(folder, 'access.log')
  const given = ['--access-log', path, '--log-level', 'info', '--store', 'memory']
  const { coffer, client } = await serve(context, { given })
  await createBucket(client, 'noted')
  await putObject(client, { bucket: 'noted', key: 'a/ü', body: Buffer.from('hello') })
  await getObject(client, { bucket: 'noted', key: 'missing' })
  const signature = 'f'.repeat(64)
  const secrets = `X-Amz-Signature=${signature}&X-Amz-Credential=somebody&X-Amz-Security-Token=tok3n`
  await fetch(`${coffer.url}/noted/k?${secrets}`)
  const form = new FormData()
  form.append('key', 'uploaded')
  form.append('policy', 'cG9saWN5')
  form.append('file', 'content')
  await fetch(`${coffer.url}/noted`, { method: 'POST', body: form })
  await fetch(`${coffer.url}/minio/health/live`)
  await coffer.stop()

  const text = await readFile(path, 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ operation, bucket, key, identity, status, errorCode }) => [
      operation,
      bucket,
      key,
      identity,
      status,
      errorCode,
    ]),
    [
      ['CreateBucket', 'noted', undefined, 'root', 200, undefined],
      ['PutObject', 'noted', 'a/ü', 'root', 200, undefined],
      ['GetObject', 'noted', 'missing', 'root', 404, 'NoSuchKey'],
      ['GetObject', 'noted', 'k', undefined, 400, 'SecurityTokenInvalid'],
      ['PostObject', 'noted', 'uploaded', 'anonymous', 400, 'FormFieldInvalid'],
    ],
  )
  const [, put] = lines
  assert.equal(put?.['receivedBytes'], 5)
  assert.equal(put?.['sourceAddress'], '127.0.0.1')
  for (const secret of [
    signature,
    'somebody',
    'tok3n',
    'cG9saWN5',
    ROOT_KEYS.COFFER_ROOT_PASSWORD,
  ]) {
    assert.ok(!text.includes(secret), secret)
  }
  assert.ok(!coffer.stderr().includes('"event":"request"'))
})
