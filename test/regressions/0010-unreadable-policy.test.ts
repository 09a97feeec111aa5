// A bucket's policy that could not be read, and ownership controls that could not, made every
// request an internal error, the one that would have put them right among them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { root } from '../access/access-case.ts'
import { BUCKET, callerOf, KEY, openWorld } from '../access/access-world.ts'

test('a policy that cannot be read denies all but to put it right', async () => {
  const { decide } = await openWorld({ policy: [{ Effect: 'Allow', Action: 's3:*' }] })
  const ask = (action: string, key?: string) =>
    decide({
      caller: callerOf(root),
      action,
      resource: { bucket: BUCKET, ...(key !== undefined && { key }) },
      keys: new Map(),
    })
  const { allowed, reason } = await ask('s3:GetObject', KEY)
  assert.equal(allowed, false)
  assert.match(reason, /must put another: Missing required field Principal/)
  assert.equal((await ask('s3:DeleteBucketPolicy')).allowed, true)
})
