// Whoever signed nothing could say how a public object is answered: as a page, say.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../s3/s3-server.ts'

let server: S3Server
const Bucket = 'overrides'
const Key = 'public'

before(async () => {
  server = await startS3Server({ newBuckets: 'acl' })
  const s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: '<b>', ACL: 'public-read' }))
})
after(() => server.stop())

test('nobody says how an answer looks without a signature', async () => {
  const url = `${server.url}/${Bucket}/${Key}`
  assert.equal(await (await fetch(url)).text(), '<b>')
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(`${url}?response-content-type=text%2Fhtml`, { method })
    assert.equal(answer.status, 400)
  }
  const command = new GetObjectCommand({ Bucket, Key, ResponseContentType: 'text/html' })
  const signed = await server.client().send(command)
  assert.equal(signed.ContentType, 'text/html')
})
