// Two sentences that people say, as the policies that they become, and all that clients try.
// "Auditors may read logs/ and nothing else." "Each Kubernetes namespace has its prefix."
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type Caller, DEFAULT_ACCOUNT_ID } from '../../src/services/access/caller.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'
import { assertRefused } from './assert-refused.ts'
import { isForeign, type KnownCaller, type S3Server, startS3Server } from './s3-server.ts'

const skip = isForeign && 'the callers exist only in this process'

const AUDITORS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/logs/*' },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::data',
      Condition: { StringLike: { 's3:prefix': 'logs/*' } },
    },
  ],
})

/** The one that the page shows. */
const PAGE = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8')
const [, NAMESPACES = ''] = /```json\n(.*?)```/s.exec(PAGE) ?? []

function userOf(identity: string, policy: string, tags: Caller['tags'] = []): KnownCaller {
  const policies = [{ source: 'policy', policy: parsePolicy(policy, { kind: 'identity' }) }]
  const caller = { kind: 'user', account: DEFAULT_ACCOUNT_ID, identity, tags, policies } as const
  return { secret: `${identity}-secret`, caller }
}

let server: S3Server
let root: S3Client
let auditor: S3Client
let teamA: S3Client
let teamB: S3Client

before(async () => {
  if (isForeign) return
  server = await startS3Server({
    callers: {
      auditor: userOf('auditor', AUDITORS),
      'team-a': userOf('team-a', NAMESPACES, [['namespace', 'team-a']]),
      'team-b': userOf('team-b', NAMESPACES, [['namespace', 'team-b']]),
    },
  })
  root = server.client()
  auditor = clientOf('auditor')
  teamA = clientOf('team-a')
  teamB = clientOf('team-b')
  for (const Bucket of ['data', 'models']) await root.send(new CreateBucketCommand({ Bucket }))
  for (const Key of ['logs/monday', 'logs-of-others', 'secrets/plan']) {
    await root.send(new PutObjectCommand({ Bucket: 'data', Key, Body: Key }))
  }
})
after(() => server?.stop())

function clientOf(name: string): S3Client {
  return server.client({ credentials: { accessKeyId: name, secretAccessKey: `${name}-secret` } })
}

test('auditors read logs/', { skip }, async () => {
  const Bucket = 'data'
  const Key = 'logs/monday'
  const { Body } = await auditor.send(new GetObjectCommand({ Bucket, Key }))
  assert.equal(await Body?.transformToString(), 'logs/monday')
  await auditor.send(new HeadObjectCommand({ Bucket, Key }))
  const list = await auditor.send(new ListObjectsV2Command({ Bucket, Prefix: 'logs/' }))
  assert.deepEqual(
    list.Contents?.map(({ Key: name }) => name),
    ['logs/monday'],
  )
  const older = new ListObjectsCommand({ Bucket, Prefix: 'logs/', Delimiter: '/' })
  assert.equal((await auditor.send(older)).Contents?.length, 1)
  const missing = auditor.send(new GetObjectCommand({ Bucket, Key: 'logs/missing' }))
  await assertRefused(missing, 404, 'NoSuchKey')
})

test('auditors do nothing else', { skip }, async () => {
  const Bucket = 'data'
  const Key = 'logs/monday'
  const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] }
  const Policy = '{}'
  const Objects = { Bucket, Delete: { Objects: [{ Key }] } }
  const refused = [
    auditor.send(new GetObjectCommand({ Bucket, Key: 'secrets/plan' })),
    auditor.send(new GetObjectCommand({ Bucket, Key: 'logs-of-others' })),
    auditor.send(new GetObjectCommand({ Bucket, Key: 'secrets/missing' })),
    auditor.send(new GetObjectCommand({ Bucket: 'models', Key })),
    auditor.send(new ListObjectsV2Command({ Bucket })),
    auditor.send(new ListObjectsV2Command({ Bucket, Prefix: '' })),
    auditor.send(new ListObjectsV2Command({ Bucket, Prefix: 'logs' })),
    auditor.send(new ListObjectsV2Command({ Bucket, Prefix: 'secrets/' })),
    auditor.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'logs/' })),
    auditor.send(new PutObjectCommand({ Bucket, Key, Body: 'forged' })),
    auditor.send(new PutObjectCommand({ Bucket, Key: 'logs/new', Body: 'forged' })),
    auditor.send(new CreateMultipartUploadCommand({ Bucket, Key: 'logs/new' })),
    auditor.send(
      new CopyObjectCommand({ Bucket, Key: 'logs/copy', CopySource: `${Bucket}/${Key}` }),
    ),
    auditor.send(new DeleteObjectCommand({ Bucket, Key })),
    auditor.send(new GetObjectAclCommand({ Bucket, Key })),
    auditor.send(new GetObjectTaggingCommand({ Bucket, Key })),
    auditor.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging })),
    auditor.send(new GetBucketPolicyCommand({ Bucket })),
    auditor.send(new PutBucketPolicyCommand({ Bucket, Policy })),
    auditor.send(new DeleteBucketCommand({ Bucket })),
    auditor.send(new CreateBucketCommand({ Bucket: 'new' })),
    auditor.send(new ListBucketsCommand({})),
  ]
  await Promise.all(refused.map((attempt) => assertRefused(attempt, 403, 'AccessDenied')))
  await assertRefused(auditor.send(new HeadBucketCommand({ Bucket })), 403)
  const { Errors, Deleted } = await auditor.send(new DeleteObjectsCommand(Objects))
  assert.deepEqual([Errors?.[0]?.Code, Deleted], ['AccessDenied', undefined])
  const { Body } = await root.send(new GetObjectCommand({ Bucket, Key }))
  assert.equal(await Body?.transformToString(), 'logs/monday')
})

test('each namespace has its prefix', { skip }, async () => {
  const Bucket = 'models'
  const Key = 'team-a/model'
  await teamA.send(new PutObjectCommand({ Bucket, Key, Body: 'a' }))
  const { Body } = await teamA.send(new GetObjectCommand({ Bucket, Key }))
  assert.equal(await Body?.transformToString(), 'a')
  const { Contents } = await teamA.send(new ListObjectsV2Command({ Bucket, Prefix: 'team-a/' }))
  assert.equal(Contents?.length, 1)
  const copy = { Bucket, Key: 'team-a/copy', CopySource: `${Bucket}/${Key}` }
  await teamA.send(new CopyObjectCommand(copy))
  await teamA.send(new DeleteObjectCommand({ Bucket, Key: 'team-a/copy' }))
})

test('no namespace has another’s', { skip }, async () => {
  const Bucket = 'models'
  const Key = 'team-a/model'
  await teamA.send(new PutObjectCommand({ Bucket, Key, Body: 'a' }))
  const refused = [
    teamB.send(new GetObjectCommand({ Bucket, Key })),
    teamB.send(new PutObjectCommand({ Bucket, Key, Body: 'b' })),
    teamB.send(new DeleteObjectCommand({ Bucket, Key })),
    teamB.send(new ListObjectsV2Command({ Bucket, Prefix: 'team-a/' })),
    teamB.send(new ListObjectsV2Command({ Bucket })),
    // Neither out of the other prefix nor into it.
    teamB.send(new CopyObjectCommand({ Bucket, Key: 'team-b/x', CopySource: `${Bucket}/${Key}` })),
    teamA.send(new CopyObjectCommand({ Bucket, Key: 'team-b/x', CopySource: `${Bucket}/${Key}` })),
    teamB.send(new PutObjectCommand({ Bucket, Key: 'team-b', Body: 'b' })),
  ]
  await Promise.all(refused.map((attempt) => assertRefused(attempt, 403, 'AccessDenied')))
  // Dots are characters like others: this key lies in team-b/.
  await teamB.send(new PutObjectCommand({ Bucket, Key: 'team-b/../team-a/model', Body: 'b' }))
  const { Body } = await root.send(new GetObjectCommand({ Bucket, Key }))
  assert.equal(await Body?.transformToString(), 'a')
})
