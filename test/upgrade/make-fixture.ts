/**
 * Makes test/fixtures/store-v1.gz, the folder of a store with some of everything, and beside it
 * what its server told of it. Run it for a new format only: `node test/upgrade/make-fixture.ts`.
 * A fixture of a released version is never made anew.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { administer } from '../app/administer.ts'
import { serveCoffer } from '../app/coffer-process.ts'
import { packFolder } from './packed-folder.ts'
import { readSnapshot } from './snapshot.ts'
import {
  BODIES,
  contentOf,
  KEYS,
  openClient,
  PARTS,
  SNAPSHOT_FILE,
  STORE_FILE,
} from './store-v1.ts'

const LAB_EMAIL = 'lab@example.org'
const FOR_EVER = new Date('2100-01-01T00:00:00Z')

async function fillPlain(s3: S3Client): Promise<void> {
  const Bucket = 'plain'
  await s3.send(new CreateBucketCommand({ Bucket }))
  for (const [Key, size] of Object.entries(BODIES)) await put(s3, { Bucket, Key }, size)
  const described = {
    Bucket,
    Key: '目录/with metadata',
    ContentType: 'text/plain',
    CacheControl: 'no-cache',
    Metadata: { team: 'research' },
    Tagging: 'kind=golden&empty=',
    ChecksumAlgorithm: 'SHA256',
  } as const
  await put(s3, described, 2000)
  const CopySource = `${Bucket}/file`
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy of file', CopySource }))
  const Statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::plain/inline',
  }
  const access = { BlockPublicPolicy: false, RestrictPublicBuckets: false }
  const PublicAccessBlockConfiguration = {
    ...access,
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
  }
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }))
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  const rule = { AllowedMethods: ['GET'], AllowedOrigins: ['https://example.org'] }
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }))
  const TagSet = [{ Key: 'cost', Value: '42' }]
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
}

async function fillVersioned(s3: S3Client): Promise<void> {
  for (const Bucket of ['versioned', 'suspended']) {
    await s3.send(new CreateBucketCommand({ Bucket }))
    await put(s3, { Bucket, Key: 'before' }, 10)
    await setVersioning(s3, Bucket, 'Enabled')
    for (const size of [100, 5000, 60_000]) await put(s3, { Bucket, Key: 'thrice' }, size)
    await put(s3, { Bucket, Key: 'gone' }, 200)
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
  }
  await setVersioning(s3, 'suspended', 'Suspended')
  await put(s3, { Bucket: 'suspended', Key: 'thrice' }, 70)
}

async function setVersioning(
  s3: S3Client,
  Bucket: string,
  Status: 'Enabled' | 'Suspended',
): Promise<void> {
  const VersioningConfiguration = { Status }
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
}

async function fillLocked(s3: S3Client): Promise<void> {
  const Bucket = 'locked'
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  const until = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: FOR_EVER } as const
  await put(s3, { Bucket, Key: 'kept', ...until }, 300)
  await put(s3, { Bucket, Key: 'held', ObjectLockLegalHoldStatus: 'ON' }, 300)
  const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Years: 1 } } as const
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
}

/** Needs the account of the lab. */
async function fillWithLists(s3: S3Client): Promise<void> {
  const Bucket = 'lists'
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }))
  await put(s3, { Bucket, Key: 'granted', GrantRead: `emailAddress="${LAB_EMAIL}"` }, 10)
}

/** One upload that is complete, and one that is open with its first part. */
async function upload(s3: S3Client): Promise<void> {
  for (const Key of ['complete', 'open']) {
    const name = { Bucket: 'plain', Key }
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(name))
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    for (const [at, size] of PARTS.slice(0, Key === 'open' ? 1 : undefined).entries()) {
      const part = { ...name, UploadId, PartNumber: at + 1, Body: contentOf(Key, size) }
      const { ETag } = await s3.send(new UploadPartCommand(part))
      Parts.push({ PartNumber: at + 1, ETag })
    }
    if (Key === 'open') continue
    const MultipartUpload = { Parts }
    await s3.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload }))
  }
}

async function put(
  s3: S3Client,
  name: PutObjectCommandInput & { readonly Key: string },
  size: number,
): Promise<void> {
  await s3.send(new PutObjectCommand({ ...name, Body: contentOf(name.Key, size) }))
}

async function fillRecords(url: string): Promise<void> {
  const member = { name: 'auditors', user: 'alice' }
  const attached = { name: 'read-logs', group: 'auditors' }
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::plain/*' }
  const policy = { Version: '2012-10-17', Statement: [statement] }
  const account = { id: '111122223333', displayName: 'research', email: LAB_EMAIL }
  const lab = { account: '111122223333' }
  const calls = [
    { method: 'POST', path: '/coffer/users', body: { name: 'alice', tags: { team: 'audit' } } },
    { method: 'POST', path: '/coffer/groups', body: { name: 'auditors' } },
    { method: 'PUT', path: '/coffer/group/member', query: member },
    { method: 'PUT', path: '/coffer/policy', query: { name: 'read-logs' }, body: policy },
    { method: 'PUT', path: '/coffer/policy/attachment', query: attached },
    { method: 'POST', path: '/coffer/keys', body: { user: 'alice', ...KEYS.alice } },
    { method: 'POST', path: '/coffer/accounts', body: account },
    { method: 'POST', path: '/coffer/users', query: lab, body: { name: 'bob' } },
    { method: 'POST', path: '/coffer/keys', query: lab, body: { ...KEYS.lab } },
  ] as const
  for (const call of calls) await administer({ url }, call)
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-fixture-'))
  const coffer = await serveCoffer([folder, '--listen', '127.0.0.1:0', '--log-level', 'warn'])
  const s3 = openClient(coffer.url, KEYS.root)
  await fillRecords(coffer.url)
  await fillPlain(s3)
  await fillVersioned(s3)
  await fillLocked(s3)
  await fillWithLists(s3)
  await upload(s3)
  const lab = openClient(coffer.url, KEYS.lab)
  await lab.send(new CreateBucketCommand({ Bucket: 'results' }))
  const snapshot = await readSnapshot([s3, lab], coffer.url)
  assert.equal((await coffer.stop()).exitCode, 0)
  await rm(join(folder, 'catalog/lock.mdb'))
  await packFolder(folder, STORE_FILE)
  await writeFile(SNAPSHOT_FILE, `${JSON.stringify(snapshot, undefined, 1)}\n`)
  await rm(folder, { recursive: true })
}
