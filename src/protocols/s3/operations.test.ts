// What operations ask for, against AWS's documents.
// @see S3 API Reference, each operation's Permissions; Service Authorization Reference, S3
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAccounts } from '../../services/access/accounts.ts'
import { rootOf } from '../../services/access/caller.ts'
import { resourceArn } from '../../services/access/question.ts'
import { parseQuery } from '../http/query.ts'
import type { S3Call, S3Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'

type Sent = { readonly query?: string; readonly headers?: Readonly<Record<string, string>> }

function callOf({ method }: S3Operation, { query = '', headers = {} }: Sent): S3Call {
  const distinct = Object.entries(headers).map(([name, value]) => [name, [value]] as const)
  const http = {
    id: 'id',
    method,
    rawPath: '/bucket/key',
    rawQuery: query,
    query: parseQuery(query),
    headers: Object.fromEntries(distinct),
    host: 'localhost',
    contentLength: 0,
    body: new ReadableStream(),
    remoteAddress: '127.0.0.1',
    isSecure: false,
    signal: new AbortController().signal,
  }
  return {
    http,
    headers: http.headers,
    query: http.query,
    bucket: 'bucket',
    key: 'key',
    caller: rootOf('123456789012'),
    at: new Date(0),
    site: { accounts: listAccounts([]), newBuckets: 'private' },
    decide: () => Promise.resolve({ allowed: true, reason: '' }),
    submit: () => assert.fail('only PostObject has a form'),
  }
}

/** Actions without `s3:`; those on another bucket say so. */
function actionsOf(name: string, sent: Sent = {}): string {
  const operation = OPERATIONS.find((each) => each.name === name)
  assert.ok(operation, name)
  const checks = operation.access(callOf(operation, sent))
  return checks
    .map(({ action, resource }) => {
      const where = resource.bucket === undefined || resource.bucket === 'bucket' ? '' : ' there'
      return action.slice('s3:'.length) + where
    })
    .join(', ')
}

/** Operations whose action has another name, or that need several. */
const ACTIONS: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  DeleteBucketCors: 'PutBucketCORS',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
  DeleteBucketTagging: 'PutBucketTagging',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketCors: 'GetBucketCORS',
  GetObjectAttributes: 'GetObject, GetObjectAttributes',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  HeadBucket: 'ListBucket',
  HeadObject: 'GetObject',
  ListBuckets: 'ListAllMyBuckets',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjectVersions: 'ListBucketVersions',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListParts: 'ListMultipartUploadParts',
  PutBucketCors: 'PutBucketCORS',
  PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  UploadPart: 'PutObject',
}

/** They ask while they run, for policies may look at what their bodies say. */
const ASK_LATER: ReadonlySet<string> = new Set([
  'CreateBucket',
  'DeleteObjects',
  'PostObject',
  'PutObjectLegalHold',
  'PutObjectRetention',
  'PutObjectTagging',
])

test('every operation says what its caller must be allowed to do', () => {
  const sent = { headers: { 'x-amz-copy-source': 'other/key' } }
  for (const operation of OPERATIONS) {
    const checks = operation.access(callOf(operation, sent))
    assert.equal(checks.length === 0, ASK_LATER.has(operation.name), operation.name)
    for (const { action, resource } of checks) {
      assert.match(action, /^s3:[A-Z]\w+$/)
      assert.match(resourceArn(resource), /^arn:aws:s3:::(\*|bucket|bucket\/key|other\/key)$/)
    }
  }
})

test('every operation asks for what AWS documents, by the same name where it has one', () => {
  const asked = OPERATIONS.filter(({ name, support, selectors }) => {
    const isCopy = selectors.includes('x-amz-copy-source')
    return support === undefined && !ASK_LATER.has(name) && !isCopy
  })
  assert.ok(asked.length > 40, `${asked.length} operations`)
  for (const { name } of asked) assert.equal(actionsOf(name), ACTIONS[name] ?? name, name)
})

const VERSIONED: Readonly<Record<string, string>> = {
  DeleteObject: 'DeleteObjectVersion',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
  GetObject: 'GetObjectVersion',
  GetObjectAcl: 'GetObjectVersionAcl',
  GetObjectAttributes: 'GetObjectVersion, GetObjectVersionAttributes',
  GetObjectLegalHold: 'GetObjectLegalHold',
  GetObjectRetention: 'GetObjectRetention',
  GetObjectTagging: 'GetObjectVersionTagging',
  HeadObject: 'GetObjectVersion',
  PutObjectAcl: 'PutObjectVersionAcl',
}

test('naming a version is a right of its own, but for locks', () => {
  for (const [name, expected] of Object.entries(VERSIONED)) {
    assert.equal(actionsOf(name, { query: 'versionId=1' }), expected, name)
  }
})

test('what a write gives beside its bytes are rights of their own', () => {
  const headers = {
    'x-amz-acl': 'private',
    'x-amz-grant-read': 'id=1',
    'x-amz-tagging': 'a=b',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-legal-hold': 'ON',
  }
  const all = 'PutObject, PutObjectAcl, PutObjectTagging, PutObjectRetention, PutObjectLegalHold'
  assert.equal(actionsOf('PutObject', { headers }), all)
  assert.equal(actionsOf('CreateMultipartUpload', { headers }), all)
  const copy = { ...headers, 'x-amz-copy-source': 'other/key' }
  assert.equal(actionsOf('CopyObject', { headers: copy }), `GetObject there, ${all}`)
})

test('a copy reads its source, and a version of it by a right of its own', () => {
  for (const name of ['CopyObject', 'UploadPartCopy']) {
    const source = { 'x-amz-copy-source': 'other/key' }
    assert.equal(actionsOf(name, { headers: source }), 'GetObject there, PutObject')
    const version = { 'x-amz-copy-source': 'other/key?versionId=1' }
    assert.equal(actionsOf(name, { headers: version }), 'GetObjectVersion there, PutObject')
  }
})

test('to have an ETag compared is to read, to ask whether anything is there is not', () => {
  const etag = { 'if-match': '"abc"' }
  const any = { 'if-match': '*' }
  const none = { 'if-none-match': '*' }
  for (const name of ['PutObject', 'CompleteMultipartUpload']) {
    assert.equal(actionsOf(name, { headers: etag }), 'PutObject, GetObject')
    assert.equal(actionsOf(name, { headers: any }), 'PutObject')
    assert.equal(actionsOf(name, { headers: none }), 'PutObject')
  }
  assert.equal(actionsOf('DeleteObject', { headers: etag }), 'DeleteObject, GetObject')
  assert.equal(actionsOf('DeleteObject', { headers: any }), 'DeleteObject')
})

test('overriding a retention is a right of its own', () => {
  const headers = { 'x-amz-bypass-governance-retention': 'true' }
  const query = 'versionId=1'
  const deletes = 'DeleteObjectVersion, BypassGovernanceRetention'
  assert.equal(actionsOf('DeleteObject', { headers, query }), deletes)
  assert.equal(actionsOf('PutObjectRetention', { headers }), 'BypassGovernanceRetention')
})
