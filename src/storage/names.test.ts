import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertBucketName, assertKey } from './names.ts'

test('good bucket names pass', () => {
  const names = [
    'abc',
    'a-b',
    'a.b.c',
    '0a9',
    'a--b',
    'my.bucket-1',
    'x'.repeat(63),
    '1.2.3',
    '1.2.3.4a',
  ]
  for (const name of names) assertBucketName(name)
})

test('bad bucket names are refused', () => {
  const names = [
    '',
    'ab',
    'x'.repeat(64),
    'Abc',
    'a_b',
    'a b',
    'äbc',
    'a/b',
    'abc\n',
    '\0abc',
    '-ab',
    'ab-',
    '.ab',
    'ab.',
    'a..b',
    'a-.b',
    'a.-b',
    '192.168.5.4',
    '999.0.0.1',
    'xn--abc',
    'sthree-abc',
    'amzn-s3-demo-abc',
    'abc-s3alias',
    'abc--ol-s3',
    'abc--x-s3',
    'abc.mrap',
    'abc--table-s3',
  ]
  for (const name of names) {
    const refusal = { code: 'InvalidBucketName', details: { bucket: name } }
    assert.throws(() => assertBucketName(name), refusal, JSON.stringify(name))
  }
})

test('the names that the server itself needs are reserved', () => {
  for (const name of ['minio', 'coffer']) {
    assert.throws(() => assertBucketName(name), { code: 'InvalidBucketName' })
    assertBucketName(`${name}-data`)
  }
})

test('a key is any 1 to 1,024 bytes of UTF-8', () => {
  const keys = ['a', '\0', '/', '..', 'a/../b', '😀', 'x'.repeat(1024), '😀'.repeat(256)]
  for (const key of keys) assertKey(key)
})

test('empty, longer and ill-formed keys are refused', () => {
  const keys = ['', 'x'.repeat(1025), '😀'.repeat(256) + 'x', '€'.repeat(342), '\ud83d', 'a\ude00b']
  for (const key of keys) {
    assert.throws(() => assertKey(key), { code: 'InvalidKey' }, JSON.stringify(key))
  }
})
