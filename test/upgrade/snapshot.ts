/** Everything that a server tells of its store, by S3 and by the admin API, as plain values. */
import { createHash } from 'node:crypto'
import {
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { callServer, type AdminCall } from '../../src/cli/running-server.ts'
import { ROOT_KEYS } from '../app/coffer-process.ts'

/** As JSON gives it back. */
export type Snapshot = {
  readonly buckets: readonly unknown[]
  readonly changes: readonly unknown[]
  readonly records: readonly unknown[]
}

/** The buckets are those of the accounts whose clients are given. */
export async function readSnapshot(clients: readonly S3Client[], url: string): Promise<Snapshot> {
  const buckets: unknown[] = []
  for (const s3 of clients) {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
    for (const { Name: Bucket = '', CreationDate } of Buckets) {
      buckets.push({ Bucket, CreationDate, ...(await readBucket(s3, Bucket)) })
    }
  }
  const changes = await readLines(url, '/coffer/changes')
  const snapshot: Snapshot = { buckets, changes, records: await readRecords(url) }
  const plain: Snapshot = JSON.parse(JSON.stringify(snapshot))
  return plain
}

async function readBucket(s3: S3Client, Bucket: string): Promise<object> {
  const { Versions = [], DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
  return {
    versioning: await tell(s3.send(new GetBucketVersioningCommand({ Bucket }))),
    lock: await tell(s3.send(new GetObjectLockConfigurationCommand({ Bucket }))),
    policy: await tell(s3.send(new GetBucketPolicyCommand({ Bucket }))),
    cors: await tell(s3.send(new GetBucketCorsCommand({ Bucket }))),
    tags: await tell(s3.send(new GetBucketTaggingCommand({ Bucket }))),
    ownership: await tell(s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))),
    publicAccess: await tell(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    acl: await tell(s3.send(new GetBucketAclCommand({ Bucket }))),
    markers: DeleteMarkers,
    versions: await inTurn(Versions, async (version) => ({
      ...version,
      ...(await readVersion(s3, { Bucket, Key: version.Key, VersionId: version.VersionId })),
    })),
    uploads: await inTurn(Uploads, async ({ Key, UploadId, ...upload }) => ({
      ...upload,
      ...(await tell(s3.send(new ListPartsCommand({ Bucket, Key, UploadId })))),
    })),
  }
}

type Name = {
  readonly Bucket: string
  readonly Key: string | undefined
  readonly VersionId: string | undefined
}

async function readVersion(s3: S3Client, name: Name): Promise<object> {
  const {
    Body,
    $metadata: _,
    ...head
  } = await s3.send(new GetObjectCommand({ ...name, ChecksumMode: 'ENABLED' }))
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
  return {
    head,
    sha256: sha256Of(bytes),
    tags: await tell(s3.send(new GetObjectTaggingCommand(name))),
    acl: await tell(s3.send(new GetObjectAclCommand(name))),
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What was answered, or the name of the error that was. */
async function tell(asking: Promise<object>): Promise<object> {
  const answer = await asking.catch((error: Error) => ({ error: error.name }))
  const { $metadata: _, ...facts } = { $metadata: undefined, ...answer }
  return facts
}

async function readRecords(url: string): Promise<readonly unknown[]> {
  const records: unknown[] = await readLines(url, '/coffer/accounts')
  for (const account of ['000000000000', '111122223333']) {
    for (const path of ['/coffer/users', '/coffer/groups', '/coffer/keys', '/coffer/policies']) {
      records.push(...(await readLines(url, path, { account })))
    }
  }
  for (const [path, name] of [
    ['/coffer/user', 'alice'],
    ['/coffer/group', 'auditors'],
    ['/coffer/policy', 'read-logs'],
  ] as const) {
    records.push(...(await readLines(url, path, { name })))
  }
  return records
}

/** The lines of an answer to the root. */
export async function readLines(
  url: string,
  path: string,
  query: AdminCall['query'] = {},
): Promise<unknown[]> {
  const keys = { user: ROOT_KEYS.COFFER_ROOT_USER, password: ROOT_KEYS.COFFER_ROOT_PASSWORD }
  const call = { method: path === '/coffer/scrub' ? 'POST' : 'GET', path, query } as const
  const lines: unknown[] = []
  for await (const line of callServer({ url, keys, now: new Date() }, call)) lines.push(line)
  return lines
}

async function inTurn<Item>(
  items: readonly Item[],
  read: (item: Item) => Promise<object>,
): Promise<readonly object[]> {
  const found: object[] = []
  for (const item of items) found.push(await read(item))
  return found
}
