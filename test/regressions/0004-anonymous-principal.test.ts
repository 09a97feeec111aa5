// A policy that named the account `anonymous`, which is none, spoke of whoever signs nothing, and
// the public access block did not take it for public.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allows, anonymous, OWN_OBJECT } from '../access/access-case.ts'
import { BUCKET, callerOf, KEY, openWorld } from '../access/access-world.ts'

test('whoever signs nothing is of no account that a policy can name', async () => {
  const policy = [allows({ AWS: 'arn:aws:iam::anonymous:root' })]
  const block = { blockPublicPolicy: true, restrictPublicBuckets: true }
  const { decide } = await openWorld({ object: OWN_OBJECT, policy, block })
  const { allowed, reason } = await decide({
    caller: callerOf(anonymous),
    action: 's3:GetObject',
    resource: { bucket: BUCKET, key: KEY },
    keys: new Map(),
  })
  assert.equal(allowed, false, reason)
})
