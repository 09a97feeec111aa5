/** What the server writes about requests, and what it never writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import { ROOT_KEYS } from './coffer-process.ts'
import { serve } from './serving.ts'

type Line = { readonly event: string; readonly [name: string]: unknown }

function parseLines(stderr: string): readonly Line[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const parsed: Line = JSON.parse(line)
      return parsed
    })
}

test('each request has one line: what was asked, of what, and how it went', async (context) => {
  const { coffer, client } = await serve(context, { given: ['--log-level', 'info'] })
  await createBucket(client, 'logged')
  await putObject(client, { bucket: 'logged', key: 'k', body: Buffer.from('hello') })
  const { headers } = await getObject(client, { bucket: 'logged', key: 'missing' })
  await coffer.stop()

  const requests = parseLines(coffer.stderr()).filter(({ event }) => event === 'request')
  const facts = requests.map(({ operation, bucket, status }) => ({ operation, bucket, status }))
  assert.deepEqual(facts, [
    { operation: 'CreateBucket', bucket: 'logged', status: 200 },
    { operation: 'PutObject', bucket: 'logged', status: 200 },
    { operation: 'GetObject', bucket: 'logged', status: 404 },
  ])
  const missing = requests.at(-1)
  assert.equal(missing?.['errorCode'], 'NoSuchKey')
  assert.equal(missing?.['requestId'], headers['x-amz-request-id'])
  assert.equal(missing?.['path'], '/logged/missing')
  assert.ok(Number(missing?.['sizeBytes']) > 0)
  assert.equal(typeof missing?.['durationMs'], 'number')
})

test('secrets, signatures and queries are never written', async (context) => {
  const { coffer, client } = await serve(context, { given: ['--log-level', 'debug'] })
  await createBucket(client, 'logged')
  const signature = 'f'.repeat(64)
  await fetch(`${coffer.url}/logged/k?X-Amz-Signature=${signature}&X-Amz-Credential=somebody`)
  await coffer.stop()
  const written = coffer.stdout() + coffer.stderr()
  assert.ok(written.includes('"path":"/logged/k"'))
  for (const secret of [signature, 'somebody', ROOT_KEYS.COFFER_ROOT_PASSWORD, 'Signature=']) {
    assert.ok(!written.includes(secret), secret)
  }
})
