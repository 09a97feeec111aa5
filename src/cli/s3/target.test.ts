import assert from 'node:assert/strict'
import test from 'node:test'
import { ConfigurationError } from '../../app/config.ts'
import { folderPrefix, parseBucketTarget, parseObjectTarget, parseTarget } from './target.ts'

test('the scheme may be left out, and what is behind the first slash is the key as it is', () => {
  assert.deepEqual(parseTarget('s3://data/a//b/'), { bucket: 'data', key: 'a//b/' })
  assert.deepEqual(parseTarget('data/a'), parseTarget('s3://data/a'))
  assert.deepEqual(parseTarget('data'), parseTarget('s3://data/'))
})

test('what names no bucket, no object or more than a bucket is refused', () => {
  assert.throws(() => parseTarget('s3://'), ConfigurationError)
  assert.throws(() => parseTarget('/etc/passwd'), ConfigurationError)
  assert.throws(() => parseObjectTarget('s3://data/'), ConfigurationError)
  assert.throws(() => parseBucketTarget('data/a'), ConfigurationError)
})

test('a folder is the same with its slash and without', () => {
  assert.deepEqual(['', 'a', 'a/', 'a/b'].map(folderPrefix), ['', 'a/', 'a/', 'a/b/'])
})
