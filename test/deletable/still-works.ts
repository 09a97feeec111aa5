/** What is left of the program still is one: the deletable test runs this in its copies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serve } from '../app/serving.ts'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'

test('what was put is there after a restart', async (context) => {
  const { folder, coffer, client } = await serve(context)
  await createBucket(client, 'kept')
  const bodies = [100, 20_000, 400_000].map((size) => Buffer.alloc(size, `${size} `))
  for (const body of bodies) {
    await putObject(client, { bucket: 'kept', key: `size-${body.length}`, body })
  }
  assert.equal((await coffer.stop()).exitCode, 0)

  const again = await serve(context, { folder })
  for (const body of bodies) {
    const found = await getObject(again.client, { bucket: 'kept', key: `size-${body.length}` })
    assert.ok(body.equals(found.body))
  }
})
