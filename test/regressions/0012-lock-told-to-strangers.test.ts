// Whoever may not lock objects was told whether a bucket can.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { startS3Server } from '../s3/s3-server.ts'

const BODIES = {
  retention:
    '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2099-01-01T00:00:00Z</RetainUntilDate></Retention>',
  'legal-hold': '<LegalHold><Status>ON</Status></LegalHold>',
}

test('strangers hear nothing of locks', async (t) => {
  const server = await startS3Server()
  t.after(() => server.stop())
  const Bucket = 'unlocked'
  await server.client().send(new CreateBucketCommand({ Bucket }))
  await server.client().send(new PutObjectCommand({ Bucket, Key: 'key' }))
  for (const [parameter, body] of Object.entries(BODIES)) {
    const answer = await fetch(`${server.url}/${Bucket}/key?${parameter}`, { method: 'PUT', body })
    assert.equal(answer.status, 403, parameter)
    assert.match(await answer.text(), /<Code>AccessDenied</)
  }
})
