import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../storage/limits.ts'
import { assertCopySize, parseCopyRange, parseCopySource } from './copy-source.ts'

const source = (value: string) => parseCopySource({ 'x-amz-copy-source': [value] })
const range = (value: string) => parseCopyRange({ 'x-amz-copy-source-range': [value] })

test('a source is a bucket and a key, percent-encoded, with or without a slash before it', () => {
  assert.deepEqual(source('bucket/a/b'), { bucket: 'bucket', key: 'a/b' })
  assert.deepEqual(source('/bucket/a%20b%2Bc+d'), { bucket: 'bucket', key: 'a b+c+d' })
  assert.deepEqual(source('bucket%2Fkey'), { bucket: 'bucket', key: 'key' })
  assert.deepEqual(source('bucket//key'), { bucket: 'bucket', key: '/key' })
})

test('a version id counts only at the end and unencoded', () => {
  assert.deepEqual(source('b/k?versionId=v'), { bucket: 'b', key: 'k', versionId: 'v' })
  assert.deepEqual(source('b/k%3FversionId=v'), { bucket: 'b', key: 'k?versionId=v' })
  assert.deepEqual(source('b/k?x'), { bucket: 'b', key: 'k?x' })
})

test('what names no object is refused', () => {
  for (const value of ['', '/', 'bucket', 'bucket/', '/bucket', 'b/%zz']) {
    assert.throws(() => source(value), { code: 'InvalidArgument' }, value)
  }
})

test('a refusal says whether the bucket or the key is missing', () => {
  for (const value of ['', '/']) {
    assert.throws(() => source(value), { message: 'Invalid copy source bucket name' }, value)
  }
  for (const value of ['bucket', 'bucket/', '/bucket']) {
    assert.throws(() => source(value), { message: 'Invalid copy source object key' }, value)
  }
})

test('conditions on the source come along', () => {
  const headers = { 'x-amz-copy-source': ['b/k'], 'x-amz-copy-source-if-match': ['"e"'] }
  assert.deepEqual(parseCopySource(headers).condition, { ifMatch: ['e'] })
})

test('a range to copy names both ends', () => {
  assert.deepEqual(range('bytes=0-0'), { start: 0, end: 1 })
  assert.equal(parseCopyRange({}), undefined)
  for (const value of ['bytes=1-', 'bytes=-1', '0-1', 'bytes=2-1', 'bytes=0-1,3-4', 'bytes=a-b']) {
    assert.throws(() => range(value), { code: 'InvalidArgument' }, value)
  }
})

test('a copy takes copyBytes and not a byte more', () => {
  assertCopySize(LIMITS.copyBytes)
  assert.throws(() => assertCopySize(LIMITS.copyBytes + 1), { code: 'InvalidRequest' })
})
