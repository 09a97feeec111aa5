import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseQuery } from '../http/query.ts'
import type { HttpHeaders } from '../http/request.ts'
import { S3Error } from './errors.ts'
import { OPERATIONS } from './operations.ts'
import { createRouter, locate } from './route.ts'

const route = createRouter(OPERATIONS)

const pathOf = (rawPath: string) => locate({ host: 'localhost', rawPath })

/** The name of the operation that `GET /bucket/key?query` reaches, or the code of its refusal. */
function reach(line: string, headers: HttpHeaders = {}): string {
  const [method = '', target = ''] = line.split(' ')
  const [rawPath = '', rawQuery = ''] = target.split('?')
  try {
    return route({ method, host: 'localhost:9000', rawPath, query: parseQuery(rawQuery), headers })
      .operation.name
  } catch (error) {
    if (error instanceof S3Error) return error.code
    throw error
  }
}

type AwsOperation = { name: string; method: string; on: string; query: string }
const fixture = new URL('../../../test/fixtures/s3-operations.json', import.meta.url)
const aws: { operations: AwsOperation[] } = JSON.parse(readFileSync(fixture, 'utf8'))
const PATHS: Record<string, string> = { service: '/', bucket: '/bucket', object: '/bucket/key' }

/** Operations that a request cannot be told apart from by its shape alone. */
const REACHED_AS: Record<string, string> = {
  ...Object.fromEntries(
    OPERATIONS.flatMap(({ name, includes = [] }) => includes.map((other) => [other, name])),
  ),
  // AWS serves it at an address of its own.
  ListDirectoryBuckets: 'ListBuckets',
}

/** What the SDK's schemas leave out of the path. */
const ADDED: Record<string, { query?: string; headers?: HttpHeaders }> = {
  CopyObject: { headers: { 'x-amz-copy-source': ['a/b'] } },
  UploadPart: { query: 'partNumber=1&uploadId=x' },
  UploadPartCopy: {
    query: 'partNumber=1&uploadId=x',
    headers: { 'x-amz-copy-source': ['a/b'] },
  },
  CompleteMultipartUpload: { query: 'uploadId=x' },
  AbortMultipartUpload: { query: 'uploadId=x' },
  ListParts: { query: 'uploadId=x' },
}

test('every operation of AWS is reached by its own request', () => {
  for (const { name, method, on, query } of aws.operations) {
    const { query: added = '', headers = {} } = ADDED[name] ?? {}
    const target = `${PATHS[on]}?${[query, added].filter(Boolean).join('&')}`
    assert.equal(reach(`${method} ${target}`, headers), REACHED_AS[name] ?? name, target)
  }
})

test('no sub-resource of AWS falls through to a plain operation, whatever the method', () => {
  const selected = aws.operations.filter(({ query }) => query !== '' && query !== 'list-type=2')
  const queries = [...new Set(selected.map(({ query }) => query)), 'uploadId=x', 'partNumber=1']
  const plain = new Set(
    OPERATIONS.filter(({ selectors }) => selectors.length === 0).map(({ name }) => name),
  )
  const reached = new Set<string>()
  for (const query of queries) {
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']) {
      for (const path of Object.values(PATHS)) {
        const name = reach(`${method} ${path}?${query}`)
        const isReadOfPart = query === 'partNumber=1' && /^(Get|Head)Object$/.test(name)
        if (!isReadOfPart) assert.ok(!plain.has(name), `${method} ${path}?${query} is ${name}`)
        reached.add(name)
      }
    }
  }
  assert.ok(reached.has('MethodNotAllowed') && reached.size > 80)
})

test('the table names every operation of AWS, and each once', () => {
  const names = [...OPERATIONS.map(({ name }) => name), ...Object.keys(REACHED_AS)]
  const known = new Set(names)
  assert.equal(known.size, names.length)
  assert.deepEqual(
    aws.operations.map(({ name }) => name).filter((name) => !known.has(name)),
    [],
  )
})

test('the most specific operation wins', () => {
  const copying = { 'x-amz-copy-source': ['a/b'] }
  assert.equal(reach('PUT /bucket/key?partNumber=1&uploadId=x', copying), 'UploadPartCopy')
  assert.equal(reach('PUT /bucket/key?partNumber=1&uploadId=x'), 'UploadPart')
  assert.equal(reach('PUT /bucket/key?tagging', copying), 'PutObjectTagging')
  assert.equal(reach('GET /bucket/key?partNumber=1'), 'GetObject')
  assert.equal(reach('GET /bucket?list-type=1'), 'ListObjects')
  assert.equal(reach('GET /bucket/?list-type=2&prefix=a'), 'ListObjectsV2')
})

test('part of a selector is not enough, and not ignored', () => {
  assert.equal(reach('PUT /bucket/key?uploadId=x'), 'MethodNotAllowed')
  assert.equal(reach('PUT /bucket/key?partNumber=1'), 'MethodNotAllowed')
  assert.equal(reach('PUT /bucket?list-type=2'), 'MethodNotAllowed')
})

test('methods that S3 has not are refused', () => {
  assert.equal(reach('PATCH /bucket/key'), 'MethodNotAllowed')
})

test('keys are what follows the bucket, dot segments and double slashes kept', () => {
  assert.deepEqual(pathOf('/bucket/a/../b//%2e%2e/c'), { bucket: 'bucket', key: 'a/../b//../c' })
  assert.deepEqual(pathOf('/bucket//a'), { bucket: 'bucket', key: '/a' })
  assert.deepEqual(pathOf('/bucket/a+b%2Bc%20d'), { bucket: 'bucket', key: 'a+b+c d' })
  assert.deepEqual(pathOf('/bucket/%00%F0%9F%98%80'), { bucket: 'bucket', key: '\0😀' })
  assert.deepEqual(pathOf('/bucket'), { bucket: 'bucket', key: '' })
  assert.deepEqual(pathOf('/bucket/'), { bucket: 'bucket', key: '' })
  assert.deepEqual(pathOf('/'), { bucket: '', key: '' })
})

test('paths that name no key are refused', () => {
  for (const path of ['/bucket/%FF', '/bucket/%zz', '//key']) {
    assert.throws(() => pathOf(path), { code: 'InvalidURI' }, path)
  }
  assert.throws(() => pathOf(`/bucket/${'%C3%A9'.repeat(513)}`), { code: 'KeyTooLong' })
  assert.equal(pathOf(`/bucket/${'%C3%A9'.repeat(512)}`).key.length, 512)
})

test('a subdomain of a domain names the bucket, every other host leaves it to the path', () => {
  const domains = ['s3.example.com', 'example.com']
  const at = (host: string, rawPath: string) => {
    const { bucket, key } = locate({ host, rawPath }, domains)
    return `${bucket}|${key}`
  }
  assert.equal(at('data.s3.example.com', '/a/../b'), 'data|a/../b')
  assert.equal(at('data.s3.example.com:9000', '/'), 'data|')
  assert.equal(at('my.data.s3.example.com', '/k'), 'my.data|k')
  assert.equal(at('data.example.com', '//k'), 'data|/k')
  assert.equal(at('s3.example.com', '/data/k'), 'data|k')
  assert.equal(at('example.com:9000', '/data/k'), 'data|k')
  for (const host of ['127.0.0.1', 'other.org', 'notexample.com', 'a_b.example.com', '']) {
    assert.equal(at(host, '/data/k'), 'data|k', host)
  }
  for (const reserved of ['minio', 'coffer', 'ab', '-data']) {
    assert.equal(at(`${reserved}.s3.example.com`, '/data/k'), 'data|k', reserved)
  }
})
