// A bulk delete in a bucket with a costly policy kept all other requests waiting until the last of
// its thousand keys was decided.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { CreateBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { startS3Server } from '../s3/s3-server.ts'

const KEYS = 200

test('others have their turn while the keys of a bulk delete are decided', async (t) => {
  const server = await startS3Server()
  t.after(() => server.stop())
  const s3 = server.client()
  const Bucket = 'bulk'
  await s3.send(new CreateBucketCommand({ Bucket }))
  const Resource = `arn:aws:s3:::${Bucket}/*${'a'.repeat(300)}b*`
  const Statement = Array.from({ length: 40 }, () => {
    return { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource }
  })
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))

  let turns = 0
  const counting = setInterval(() => (turns += 1), 1)
  t.after(() => clearInterval(counting))
  const object = `<Object><Key>${'a'.repeat(1000)}</Key></Object>`
  const body = `<Delete>${object.repeat(KEYS)}</Delete>`
  const md5 = createHash('md5').update(body).digest('base64')
  const headers = { 'content-md5': md5 }
  const answer = await fetch(`${server.url}/${Bucket}?delete`, { method: 'POST', body, headers })
  const denied = (await answer.text()).match(/<Code>AccessDenied<\/Code>/g) ?? []
  assert.equal(denied.length, KEYS)
  assert.ok(turns > KEYS / 2, `there were ${turns} turns`)
})
