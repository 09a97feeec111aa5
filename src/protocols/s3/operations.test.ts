import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAccounts } from '../../services/access/accounts.ts'
import { rootOf } from '../../services/access/caller.ts'
import { resourceArn } from '../../services/access/question.ts'
import type { HttpHeaders } from '../http/request.ts'
import { parseQuery } from '../http/query.ts'
import type { S3Call, S3Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'

function callOf(operation: S3Operation, headers: HttpHeaders, query = ''): S3Call {
  return {
    http: {
      id: 'id',
      method: operation.method,
      rawPath: '/bucket/key',
      rawQuery: query,
      query: parseQuery(query),
      headers,
      host: 'localhost',
      contentLength: 0,
      body: new ReadableStream(),
      remoteAddress: '127.0.0.1',
      isSecure: false,
      signal: AbortSignal.any([]),
    },
    headers,
    query: parseQuery(query),
    bucket: 'bucket',
    key: 'key',
    caller: rootOf('123456789012'),
    at: new Date(0),
    site: { accounts: listAccounts([]), newBuckets: 'private' },
    decide: () => Promise.resolve({ allowed: true, reason: '' }),
    submit: () => assert.fail('only PostObject has a form'),
  }
}

function actionsOf(name: string, headers: HttpHeaders = {}, query = ''): readonly string[] {
  const operation = OPERATIONS.find((each) => each.name === name)
  assert.ok(operation, name)
  return operation.access(callOf(operation, headers, query)).map(({ action }) => action)
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
  for (const operation of OPERATIONS) {
    const checks = operation.access(callOf(operation, { 'x-amz-copy-source': ['other/key'] }))
    assert.equal(checks.length === 0, ASK_LATER.has(operation.name), operation.name)
    for (const { action, resource } of checks) {
      assert.match(action, /^s3:[A-Z]\w+$/)
      assert.match(resourceArn(resource), /^arn:aws:s3:::(\*|bucket|bucket\/key|other\/key)$/)
    }
  }
})

test('naming a version, tags, locks and bypasses are rights of their own', () => {
  const bypass = { 'x-amz-bypass-governance-retention': ['true'] }
  const lock = { 'x-amz-tagging': ['a=b'], 'x-amz-object-lock-legal-hold': ['ON'] }
  assert.deepEqual(actionsOf('GetObject'), ['s3:GetObject'])
  assert.deepEqual(actionsOf('GetObject', {}, 'versionId=1'), ['s3:GetObjectVersion'])
  assert.deepEqual(actionsOf('GetObjectTagging', {}, 'versionId=1'), ['s3:GetObjectVersionTagging'])
  assert.deepEqual(actionsOf('DeleteObject', bypass, 'versionId=1'), [
    's3:DeleteObjectVersion',
    's3:BypassGovernanceRetention',
  ])
  assert.deepEqual(actionsOf('PutObject', lock), [
    's3:PutObject',
    's3:PutObjectTagging',
    's3:PutObjectLegalHold',
  ])
})

test('a copy reads its source and writes its target', () => {
  const headers = { 'x-amz-copy-source': ['other/key?versionId=1'] }
  for (const name of ['CopyObject', 'UploadPartCopy']) {
    assert.deepEqual(actionsOf(name, headers), ['s3:GetObjectVersion', 's3:PutObject'])
  }
})
