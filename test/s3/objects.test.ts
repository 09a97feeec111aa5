import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('objects')

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => server.stop())

test('an object comes back as it was put', async () => {
  const put = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'a/../b//c',
      Body: 'hello',
      ContentType: 'text/plain',
      Metadata: { colour: 'blue' },
    }),
  )
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"')
  const got = await s3.send(
    new GetObjectCommand({ Bucket, Key: 'a/../b//c', ChecksumMode: 'ENABLED' }),
  )
  assert.equal(await got.Body?.transformToString(), 'hello')
  assert.equal(got.ContentType, 'text/plain')
  assert.deepEqual(got.Metadata, { colour: 'blue' })
  assert.equal(got.ChecksumCRC32, put.ChecksumCRC32)
})
