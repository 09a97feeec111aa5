// Dollar signs in the name of a form's file were instructions to the replacement of `${filename}`;
// and a field could give metadata a name that no answer can carry, so that the object was lost.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CreateBucketCommand, HeadObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../s3/s3-server.ts'

let server: S3Server
const Bucket = 'forms'

before(async () => {
  server = await startS3Server()
  const Statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await server.client().send(new CreateBucketCommand({ Bucket }))
  await server.client().send(new PutBucketPolicyCommand({ Bucket, Policy }))
})
after(() => server.stop())

test('a file is called as its name says, whatever is in it', async () => {
  const name = "cost $$5 $& $` $'.txt"
  const form = new FormData()
  form.append('key', 'up/${filename}')
  form.append('file', new Blob(['x']), name)
  const answer = await fetch(`${server.url}/${Bucket}`, { method: 'POST', body: form })
  assert.equal(answer.status, 204)
  await server.client().send(new HeadObjectCommand({ Bucket, Key: `up/${name}` }))
})

test('metadata has names that an answer can carry', async () => {
  for (const name of ['x-amz-meta-ü', 'x-amz-meta-a b', 'x-amz-meta-a:b', 'x-amz-meta-a\r\nb']) {
    const form = new FormData()
    form.append('key', 'up/named')
    form.append(name, '1')
    form.append('file', new Blob(['x']), 'file')
    const answer = await fetch(`${server.url}/${Bucket}`, { method: 'POST', body: form })
    assert.equal(answer.status, 400, name)
    assert.match(await answer.text(), /<Code>MalformedPOSTRequest</)
  }
})
