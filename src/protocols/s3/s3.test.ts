// The pipeline with a stub in place of signatures: what reaches it, and that nothing breaks it.
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { listAccounts } from '../../services/access/accounts.ts'
import { rootOf } from '../../services/access/caller.ts'
import { openMemoryStore } from '../../storage/memory/memory-store.ts'
import { Storage } from '../../storage/storage.ts'
import { parseQuery } from '../http/query.ts'
import type { HttpHeaders, HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { OPERATIONS } from './operations.ts'
import { createS3, type S3 } from './s3.ts'

async function open(): Promise<{ readonly s3: S3; readonly storage: Storage }> {
  const storage = new Storage(await openMemoryStore())
  const s3 = createS3({
    storage,
    authenticate: async () => ({
      accessKey: 'key',
      key: { secret: '', caller: rootOf('123456789012') },
      isPresigned: false,
      signedAt: new Date(0),
      version: 'AWS4-HMAC-SHA256',
      payload: { kind: 'unsigned' },
    }),
    authenticateForm: () => Promise.resolve(undefined),
    decide: () => Promise.resolve({ allowed: true, reason: '' }),
    site: { accounts: listAccounts([]), newBuckets: 'private' },
    clock: systemClock,
    log: silentLog,
  })
  return { s3, storage }
}

type Asked = {
  readonly method: string
  readonly rawPath: string
  readonly rawQuery: string
  readonly headers: HttpHeaders
  readonly body: string
}

function requestOf({ method, rawPath, rawQuery, headers, body }: Asked): HttpRequest {
  const bytes = Buffer.from(body)
  return {
    id: 'id',
    method,
    rawPath,
    rawQuery,
    query: parseQuery(rawQuery),
    headers: { 'content-length': [`${bytes.length}`], ...headers },
    host: 'localhost',
    contentLength: bytes.length,
    body: ReadableStream.from([bytes]),
    remoteAddress: '127.0.0.1',
    isSecure: false,
    signal: new AbortController().signal,
  }
}

async function readAll({ body = '' }: HttpResponse): Promise<string> {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

test('logs learn operation, name, caller and error code', async () => {
  const { s3 } = await open()
  const asked = { method: 'GET', rawPath: '/bucket/key', rawQuery: '', headers: {}, body: '' }
  const { logFields } = await s3.handle(requestOf(asked))
  assert.deepEqual(logFields, {
    operation: 'GetObject',
    bucket: 'bucket',
    key: 'key',
    account: 'anonymous',
    identity: 'anonymous',
    errorCode: 'NoSuchBucket',
  })
})

test('a version id that no header can hold is refused', async () => {
  const { s3 } = await open()
  const bare = { method: 'DELETE', rawPath: '/bucket/key', headers: {}, body: '' }
  for (const rawQuery of ['versionId=%00', 'versionId=%0A', 'versionId=a%20b', 'versionId=']) {
    const { status, logFields } = await s3.handle(requestOf({ ...bare, rawQuery }))
    assert.deepEqual([status, logFields?.['errorCode']], [400, 'InvalidArgument'], rawQuery)
  }
})

test('what is not implemented is refused by its name', async () => {
  const { s3 } = await open()
  const bare = { rawPath: '/bucket', headers: {}, body: '' }
  const asked = { ...bare, method: 'GET', rawQuery: 'session' }
  assert.equal((await s3.handle(requestOf(asked))).status, 404)
  await s3.handle(requestOf({ ...bare, method: 'PUT', rawQuery: '' }))
  const answer = await s3.handle(requestOf(asked))
  assert.equal(answer.status, 501)
  assert.match(await readAll(answer), /Coffer does not implement CreateSession\./)
})

const names = <Name>(list: readonly Name[]) => fc.constantFrom(...list)
const text = fc.oneof(
  names(['', '0', '1', '-1', '2', 'true', 'ON', 'COPY', 'REPLACE', 'url', '/', '*', 'null']),
  names(['GOVERNANCE', '2099-01-01T00:00:00Z', 'STANDARD', 'bytes=0-1', 'bucket/key', '"etag"']),
  names(['CRC32', 'SHA256', 'FULL_OBJECT', 'AAAAAA==', 'a=b&c=d', 'ENABLED', 'ETag,ObjectParts']),
  fc.string(),
  fc.string({ unit: 'binary' }),
)
const PARAMETERS = `
  prefix delimiter max-keys marker continuation-token start-after versionId key-marker
  version-id-marker max-uploads upload-id-marker encoding-type part-number-marker max-parts
  response-content-type x-id`
const HEADERS = `
  range if-match if-none-match if-modified-since content-md5 content-type x-amz-copy-source
  x-amz-copy-source-range x-amz-metadata-directive x-amz-acl x-amz-tagging x-amz-meta-a
  x-amz-meta- x-amz-checksum-crc32 x-amz-trailer x-amz-checksum-algorithm x-amz-checksum-type
  x-amz-object-attributes expires x-amz-object-lock-mode x-amz-object-lock-retain-until-date
  x-amz-max-parts x-amz-object-lock-legal-hold x-amz-storage-class x-amz-if-match-size
  x-amz-bucket-object-lock-enabled x-amz-mp-object-size x-amz-checksum-mode content-encoding
  x-amz-decoded-content-length x-amz-expected-bucket-owner`
const SELECTORS = OPERATIONS.flatMap(({ selectors }) => selectors)
  .filter((name) => name.startsWith('?'))
  .map((name) => name.slice(1))
const parameter = fc.tuple(
  fc.oneof({ weight: 5, arbitrary: names(PARAMETERS.trim().split(/\s+/)) }, names(SELECTORS)),
  text,
)
const header = fc.tuple(names(HEADERS.trim().split(/\s+/)), text)
const leaf = names(['Status', 'Key', 'Value', 'Mode', 'Days', 'ETag', 'PartNumber', 'VersionId'])
const document = fc
  .tuple(
    names(['Delete', 'Tagging', 'Retention', 'LegalHold', 'CompleteMultipartUpload', 'Other']),
    names(['Object', 'TagSet', 'Part', 'Rule', 'Status']),
    fc.array(fc.tuple(leaf, fc.string()), { maxLength: 3 }),
  )
  .map(([root, child, leaves]) => {
    const inner = leaves.map(
      ([name, value]) => `<${name}>${value.replaceAll(/[<&]/g, '')}</${name}>`,
    )
    return `<${root}><${child}>${inner.join('')}</${child}></${root}>`
  })
const PATHS = { service: ['/'], bucket: ['/bucket', '/bucket/', '/other'], object: ['/bucket/key'] }

/** A request for one of the operations, and then a little too much of everything. */
const asked: fc.Arbitrary<Asked> = names(OPERATIONS).chain(({ method, on, selectors }) =>
  fc
    .record({
      method: fc.oneof({ weight: 9, arbitrary: fc.constant(method) }, names(['OPTIONS', 'PUT'])),
      rawPath: fc.oneof(
        { weight: 5, arbitrary: names(PATHS[on]) },
        fc.string().map((key) => `/bucket/${encodeURIComponent(key)}`),
        names(['/bucket/a/../b', '//', '/b%ff']),
      ),
      values: fc.array(text, { minLength: 3, maxLength: 3 }),
      parameters: fc.array(parameter, { maxLength: 2 }),
      added: fc.array(header, { maxLength: 2 }),
      body: fc.oneof(fc.constant(''), document, fc.string()),
    })
    .map(({ values, parameters, added, ...rest }) => {
      const chosen = selectors.map((name, at) => [name, values[at] ?? ''] as const)
      const query = chosen.filter(([name]) => name.startsWith('?'))
      const headers = chosen.filter(([name]) => !name.startsWith('?'))
      return {
        ...rest,
        rawQuery: [...query.map(([name, value]) => [name.slice(1), value] as const), ...parameters]
          .map(([name, value]) => (name.includes('=') ? name : `${name}=${encodeText(value)}`))
          .join('&'),
        headers: Object.fromEntries([...headers, ...added].map(([name, value]) => [name, [value]])),
      }
    }),
)

function encodeText(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

test('whatever a client sends, it is never an internal error', async () => {
  const { s3, storage } = await open()
  const origin = {
    account: 'account',
    identity: 'test',
    requestId: '',
    sourceAddress: '',
    userAgent: '',
    ancestry: [],
  }
  let successes = 0
  const property = fc.asyncProperty(asked, async (one) => {
    // A request before may have deleted it.
    await storage.buckets
      .create('bucket', { owner: 'account', objectLock: true, origin })
      .catch(() => undefined)
    const answer = await s3.handle(requestOf(one))
    const body = await readAll(answer)
    assert.ok(answer.status < 600 && answer.status !== 500, body)
    if (answer.status < 300) successes += 1
    if (answer.status >= 400) assert.match(body, /^<\?xml [^]*<Code>\w+<\/Code>/)
    for (const value of Object.values(answer.headers).flat()) {
      assert.match(String(value), /^[\t -~]*$/)
    }
  })
  await fc.assert(property, { numRuns: 3000 })
  assert.ok(successes > 200, 'the requests make enough sense to reach the operations')
})
