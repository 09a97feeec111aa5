/** Buckets that are there from the start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCoffer, temporaryFolder } from './coffer-process.ts'
import { serve } from './serving.ts'

const body = Buffer.from('text')

test('buckets are made at the start, and are there at the next one as they were left', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const given = ['--buckets', 'models, data-sets']
  const first = await serve(context, { folder, given })
  for (const bucket of ['models', 'data-sets']) {
    const put = await first.client.send({ method: 'PUT', path: `/${bucket}/key`, body })
    assert.equal(put.status, 200, bucket)
  }
  await first.coffer.stop()
  const second = await serve(context, { folder, given: ['--buckets', 'models,logs'] })
  const kept = await second.client.send({ method: 'GET', path: '/models/key' })
  assert.equal(kept.status, 200)
  const made = await second.client.send({ method: 'PUT', path: '/logs/key', body })
  assert.equal(made.status, 200)
})

test('a bucket that cannot be is refused before anything is opened', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const { exitCode, stderr } = await runCoffer(['serve', folder, '--buckets', 'models,Data'])
  assert.notEqual(exitCode, 0)
  assert.match(stderr, /--buckets is "models,Data", where the bucket name "Data" may hold labels/i)
})
