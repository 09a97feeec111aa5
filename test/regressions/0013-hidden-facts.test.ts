// Whoever might read an object was told of its lock and its tags as well.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../s3/s3-server.ts'

let server: S3Server
const Bucket = 'facts'
const Key = 'key'
const HIDDEN = /x-amz-(object-lock|tagging-count)/

before(async () => {
  server = await startS3Server()
  const s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  const Resource = `arn:aws:s3:::${Bucket}/*`
  const Statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: 'x',
      Tagging: 'a=b',
      ObjectLockLegalHoldStatus: 'ON',
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: new Date(Date.now() + 60_000),
    }),
  )
})
after(() => server.stop())

test('locks and tags are told to those who may ask for them', async () => {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await fetch(`${server.url}/${Bucket}/${Key}`, { method })
    assert.equal(status, 200)
    assert.deepEqual(
      [...headers.keys()].filter((name) => HIDDEN.test(name)),
      [],
    )
  }
  for (const command of [GetObjectCommand, HeadObjectCommand]) {
    const told = await server.client().send(new command({ Bucket, Key }))
    assert.equal(told.ObjectLockMode, 'GOVERNANCE')
    assert.equal(told.ObjectLockLegalHoldStatus, 'ON')
    assert.equal(told.TagCount, 1)
  }
})
