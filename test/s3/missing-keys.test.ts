// Who learns that a key is missing: whoever may list the bucket, and nobody else.
import { after, before, test } from 'node:test'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { DEFAULT_ACCOUNT_ID } from '../../src/services/access/caller.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import { assertRefused } from './assert-refused.ts'
import { isForeign, type KnownCaller, type S3Server, startS3Server } from './s3-server.ts'

const skip = isForeign && 'the callers exist only in this process'
const Bucket = 'data'

let server: S3Server
/** Reads and writes objects, and may not list. */
let reader: S3Client
/** Lists what begins with `public/`, and may not read. */
let lister: S3Client

before(async () => {
  if (isForeign) return
  server = await startS3Server({
    callers: {
      reader: userWith({
        Effect: 'Allow',
        Action: ['s3:GetObject*', 's3:PutObject'],
        Resource: `arn:aws:s3:::${Bucket}/*`,
      }),
      lister: userWith({
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: `arn:aws:s3:::${Bucket}`,
        Condition: { StringLike: { 's3:prefix': 'public/*' } },
      }),
    },
  })
  const root = server.client()
  await root.send(new CreateBucketCommand({ Bucket }))
  for (const Key of ['public/key', 'private/key']) {
    await root.send(new PutObjectCommand({ Bucket, Key, Body: 'text' }))
  }
  reader = clientOf('reader')
  lister = clientOf('lister')
})
after(() => server?.stop())

function userWith(statement: object): KnownCaller {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  const policies = [{ source: 'policy', policy: parsePolicy(text, { kind: 'identity' }) }]
  const user = { kind: 'user', account: DEFAULT_ACCOUNT_ID, identity: 'user', tags: [] } as const
  return { secret: 'secret-of-user', caller: { ...user, policies } }
}

function clientOf(accessKeyId: string): S3Client {
  return server.client({ credentials: { accessKeyId, secretAccessKey: 'secret-of-user' } })
}

const get = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }))

test('who may read and not list does not learn what is missing', { skip }, async () => {
  await get(reader, 'private/key')
  const Key = 'private/missing'
  await assertRefused(get(reader, Key), 403, 'AccessDenied')
  await assertRefused(reader.send(new HeadObjectCommand({ Bucket, Key })), 403)
  await assertRefused(
    reader.send(new GetObjectTaggingCommand({ Bucket, Key })),
    403,
    'AccessDenied',
  )
  const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` })
  await assertRefused(reader.send(copy), 403, 'AccessDenied')
})

test('who may list and not read learns what is missing, where it may list', { skip }, async () => {
  await assertRefused(get(lister, 'public/key'), 403, 'AccessDenied')
  await assertRefused(get(lister, 'public/missing'), 404, 'NoSuchKey')
  await assertRefused(lister.send(new HeadObjectCommand({ Bucket, Key: 'public/missing' })), 404)
  await assertRefused(get(lister, 'private/key'), 403, 'AccessDenied')
  await assertRefused(get(lister, 'private/missing'), 403, 'AccessDenied')
})

test('the parts of an upload are not the object that is missing', { skip }, async () => {
  const UploadId = '0'.repeat(32)
  const parts = lister.send(new ListPartsCommand({ Bucket, Key: 'public/missing', UploadId }))
  await assertRefused(parts, 403, 'AccessDenied')
})
