// Whoever may not is refused, before anything is read or changed. Here one rule: keys under secret/
// are out of reach.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, isForeign, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('access')
const skip = isForeign && 'the rule exists only in this process'

before(async () => {
  server = await startS3Server({
    decide: ({ resource: { key }, keys }) => {
      const known = typeof keys === 'function' ? keys() : keys
      const isSecret = [key, ...(known.get('s3:prefix') ?? [])].some((name) =>
        name?.startsWith('secret/'),
      )
      return Promise.resolve({ allowed: !isSecret, reason: 'it is secret' })
    },
  })
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(new PutObjectCommand({ Bucket, Key: 'open', Body: Buffer.from('x') }))
})
after(() => server.stop())

test(
  'what is not allowed is denied, and not told apart from what is missing',
  { skip },
  async () => {
    const Key = 'secret/key'
    const Body = Buffer.from('x')
    await assertRefused(s3.send(new PutObjectCommand({ Bucket, Key, Body })), 403, 'AccessDenied')
    await assertRefused(s3.send(new GetObjectCommand({ Bucket, Key })), 403, 'AccessDenied')
    await assertRefused(s3.send(new HeadObjectCommand({ Bucket, Key })), 403)
  },
)

const copy = (from: string, Key: string) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${from}` }))

test('a copy needs both its sides', { skip }, async () => {
  await assertRefused(copy('secret/key', 'copy'), 403, 'AccessDenied')
  await assertRefused(copy('open', 'secret/copy'), 403, 'AccessDenied')
  await copy('open', 'copy')
})

test('a bulk delete removes what may be removed, and names the rest', { skip }, async () => {
  const Objects = [{ Key: 'open' }, { Key: 'secret/key' }]
  const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  assert.deepEqual(
    answer.Deleted?.map(({ Key }) => Key),
    ['open'],
  )
  assert.deepEqual(
    answer.Errors?.map(({ Key, Code }) => [Key, Code]),
    [['secret/key', 'AccessDenied']],
  )
})
