import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAccounts } from '../../../services/access/accounts.ts'
import type { Resource } from '../../../services/access/question.ts'
import { parseQuery } from '../../http/query.ts'
import { conditionKeys, type KeySource, type SignatureFacts } from './condition-keys.ts'

const AT = new Date('2026-11-21T10:00:00.000Z')

type Sent = {
  readonly action: string
  readonly resource?: Resource
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
  readonly signature?: SignatureFacts
}

function sourceOf({ headers = {}, query = '', signature }: Sent): KeySource {
  const distinct = Object.entries(headers).map(([name, value]) => [name, [value]] as const)
  return {
    http: {
      id: 'id',
      method: 'GET',
      rawPath: '/',
      rawQuery: query,
      query: parseQuery(query),
      headers: Object.fromEntries(distinct),
      host: 'localhost',
      contentLength: 0,
      body: new ReadableStream(),
      remoteAddress: '192.0.2.1',
      isSecure: true,
      tlsVersion: '1.3',
      signal: new AbortController().signal,
    },
    at: AT,
    site: { accounts: listAccounts([]), newBuckets: 'private' },
    ...(signature && { signature }),
  }
}

/** The keys of S3 that a check gets, values of one without their list. */
function keysOf(sent: Sent): Readonly<Record<string, unknown>> {
  const resource = sent.resource ?? { bucket: 'bucket', key: 'key' }
  const keys = conditionKeys({ action: sent.action, resource }, sourceOf(sent))
  const own = [...keys].filter(([name]) => name.startsWith('s3:') && name !== 's3:tlsversion')
  return Object.fromEntries(
    own.map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}

const WRITTEN = { bucket: 'bucket', key: 'key', isNew: true } as const

test('every check knows from where, when and how it is asked', () => {
  const headers = { 'user-agent': 'boto3', referer: 'https://example.org/' }
  const source = sourceOf({ action: '', headers })
  const keys = conditionKeys({ action: 's3:GetObject', resource: {} }, source)
  assert.deepEqual(Object.fromEntries(keys), {
    'aws:sourceip': ['192.0.2.1'],
    'aws:securetransport': ['true'],
    'aws:currenttime': ['2026-11-21T10:00:00.000Z'],
    'aws:epochtime': ['1795255200'],
    'aws:requestedregion': ['us-east-1'],
    's3:tlsversion': ['1.3'],
    'aws:useragent': ['boto3'],
    'aws:referer': ['https://example.org/'],
  })
})

test('a list knows its prefix, even an empty one', () => {
  const query = 'prefix=logs/&delimiter=%2F&max-keys=10'
  const keys = { 's3:prefix': 'logs/', 's3:delimiter': '/', 's3:max-keys': '10' }
  assert.deepEqual(keysOf({ action: 's3:ListBucket', query }), keys)
  assert.deepEqual(keysOf({ action: 's3:ListBucketVersions', query }), keys)
  assert.deepEqual(keysOf({ action: 's3:ListBucket', query: 'prefix=' }), { 's3:prefix': '' })
  assert.deepEqual(keysOf({ action: 's3:ListBucket' }), {})
})

test('what belongs to other actions means nothing', () => {
  const query = 'prefix=mine/&delimiter=/&max-keys=1&versionId=spoofed'
  const headers = {
    'x-amz-acl': 'private',
    'x-amz-tagging': 'team=mine',
    'x-amz-storage-class': 'STANDARD',
    'x-amz-object-ownership': 'ObjectWriter',
    'if-match': '*',
  }
  for (const action of ['s3:GetObject', 's3:PutBucketPolicy', 's3:GetObjectTagging']) {
    assert.deepEqual(keysOf({ action, query, headers }), {}, action)
  }
})

test('the version is the one that is asked about, not one that the query names', () => {
  const resource = { bucket: 'source', key: 'key', versionId: 'v1' }
  const action = 's3:GetObjectVersion'
  assert.deepEqual(keysOf({ action, resource, query: 'versionId=v2' }), { 's3:versionid': 'v1' })
})

test('a write knows what it makes', () => {
  const headers = {
    'x-amz-acl': 'public-read',
    'x-amz-grant-read': 'id=abc',
    'x-amz-metadata-directive': 'COPY',
    'x-amz-storage-class': 'STANDARD',
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-website-redirect-location': '/',
    'if-none-match': '*',
    'x-amz-tagging': 'Team=a%20b&stage=beta',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-object-lock-retain-until-date': '2026-12-01T10:00:00.000Z',
    'x-amz-object-lock-legal-hold': 'ON',
  }
  assert.deepEqual(keysOf({ action: 's3:PutObject', resource: WRITTEN, headers }), {
    's3:objectcreationoperation': 'true',
    's3:x-amz-acl': 'public-read',
    's3:x-amz-grant-read': 'id=abc',
    's3:x-amz-metadata-directive': 'COPY',
    's3:x-amz-storage-class': 'STANDARD',
    's3:x-amz-server-side-encryption': 'AES256',
    's3:x-amz-website-redirect-location': '/',
    's3:if-none-match': '*',
    's3:requestobjecttag/team': 'a b',
    's3:requestobjecttag/stage': 'beta',
    's3:requestobjecttagkeys': ['Team', 'stage'],
    's3:object-lock-mode': 'GOVERNANCE',
    's3:object-lock-retain-until-date': '2026-12-01T10:00:00.000Z',
    's3:object-lock-remaining-retention-days': '10',
    's3:object-lock-legal-hold': 'ON',
  })
})

test('a copy’s source has one spelling, however it was encoded', () => {
  for (const source of ['/other/public/a%20b', 'other/%70ublic/a%20b?versionId=1']) {
    const headers = { 'x-amz-copy-source': source }
    assert.deepEqual(keysOf({ action: 's3:PutObject', resource: WRITTEN, headers }), {
      's3:objectcreationoperation': 'true',
      's3:x-amz-copy-source': ['other/public/a b', '/other/public/a b'],
    })
  }
})

test('to begin an upload and to send its parts creates no object', () => {
  const asked = { action: 's3:PutObject', resource: WRITTEN }
  const created = (query: string) => keysOf({ ...asked, query })['s3:objectcreationoperation']
  assert.equal(created('uploads'), 'false')
  assert.equal(created('partNumber=1&uploadId=id'), 'false')
  assert.equal(created('uploadId=id'), 'true')
})

test('a signature says how and when it was made', () => {
  const signature: SignatureFacts = {
    authType: 'REST-QUERY-STRING',
    version: 'AWS4-HMAC-SHA256',
    signedAt: new Date(AT.getTime() - 90_000),
  }
  assert.deepEqual(keysOf({ action: 's3:GetObject', signature }), {
    's3:authtype': 'REST-QUERY-STRING',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:signatureage': '90000',
    's3:x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  })
})
