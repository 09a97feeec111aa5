/** Requests that come another way than by their path and a signature in a header. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import type { ChangeLine } from '../../src/protocols/admin/contract.ts'
import { createBucket } from '../load/s3-calls.ts'
import { ROOT_KEYS, runCoffer } from './coffer-process.ts'
import { serve } from './serving.ts'

async function statusAt(url: string, host: string): Promise<number | undefined> {
  const asked = request(url, { headers: { host }, agent: false }).end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  response?.resume()
  return response?.statusCode
}

test('below the host of a bucket every path is a key', async (context) => {
  const { coffer } = await serve(context, { given: ['--domain', 's3.example.com'] })
  const url = `${coffer.url}/minio/health/live`
  assert.equal(await statusAt(url, 's3.example.com'), 200)
  assert.equal(await statusAt(url, 'minio.s3.example.com'), 200)
  // There is no such bucket.
  assert.equal(await statusAt(url, 'data.s3.example.com'), 404)
})

test('a form is a change of its own kind', async (context) => {
  const { folder, coffer, client } = await serve(context)
  await createBucket(client, 'forms')
  const signer = new S3Client({
    endpoint: coffer.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: ROOT_KEYS.COFFER_ROOT_USER,
      secretAccessKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
    },
  })
  context.after(() => signer.destroy())
  const { url, fields } = await createPresignedPost(signer, { Bucket: 'forms', Key: 'note' })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['hello']))
  const answer = await fetch(url, { method: 'POST', body: form })
  assert.equal(answer.status, 204, await answer.text())
  const { stdout } = await runCoffer(['changes', '--folder', folder], { environment: ROOT_KEYS })
  const changes: ChangeLine[] = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const last = changes.at(-1)
  assert.deepEqual([last?.operation, last?.key, last?.size], ['Post', 'note', 5])
})
