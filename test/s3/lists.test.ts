// ListObjects, its second version, and what their pages have in common.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  ListObjectsCommand,
  type ListObjectsCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
const Bucket = freshName('lists')
const KEYS = ['a/1', 'a/2', 'a/b/3', 'b', 'b/4', 'c d+e', 'c/', '\u00e9', '\uffee', '\u{1f600}']

before(async () => {
  server = await startS3Server()
  s3 = server.client()
  await s3.send(new CreateBucketCommand({ Bucket }))
  const Body = Buffer.from('x')
  await Promise.all(KEYS.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))))
})
after(() => server.stop())

const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  s3.send(new ListObjectsV2Command({ Bucket, ...more }))
const listV1 = (more: Partial<ListObjectsCommandInput> = {}) =>
  s3.send(new ListObjectsCommand({ Bucket, ...more }))

type Listed = {
  readonly Contents?: { readonly Key?: string | undefined }[] | undefined
  readonly CommonPrefixes?: { readonly Prefix?: string | undefined }[] | undefined
}
const namesOf = (page: Listed) => [
  ...(page.Contents ?? []).map(({ Key }) => Key),
  ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
]

test('keys list in UTF-8 byte order, not UTF-16 order', async () => {
  assert.deepEqual(namesOf(await list()), KEYS)
  assert.deepEqual(namesOf(await listV1()), KEYS)
})

test('a page has everything that clients read', async () => {
  const { Contents, KeyCount, MaxKeys, Name, Prefix, IsTruncated } = await list({ Prefix: 'b' })
  assert.deepEqual(
    { KeyCount, MaxKeys, Name, Prefix, IsTruncated },
    { KeyCount: 2, MaxKeys: 1000, Name: Bucket, Prefix: 'b', IsTruncated: false },
  )
  const [first] = Contents ?? []
  assert.equal(first?.Size, 1)
  assert.equal(first?.ETag, '"9dd4e461268c8034f5c8564e155c67a6"')
  assert.equal(first?.StorageClass, 'STANDARD')
  assert.deepEqual(first?.ChecksumAlgorithm, ['CRC32'])
  assert.equal(first?.Owner, undefined)
  const withOwner = await list({ Prefix: 'b', FetchOwner: true })
  assert.ok(withOwner.Contents?.[0]?.Owner?.ID)
  assert.ok((await listV1({ Prefix: 'b' })).Contents?.[0]?.Owner?.ID)
})

test('a delimiter folds keys into common prefixes', async () => {
  const page = await list({ Delimiter: '/' })
  assert.deepEqual(namesOf(page), ['b', 'c d+e', '\u00e9', '\uffee', '\u{1f600}', 'a/', 'b/', 'c/'])
  assert.deepEqual(namesOf(await list({ Delimiter: '/', Prefix: 'a/' })), ['a/1', 'a/2', 'a/b/'])
  assert.deepEqual(namesOf(await list({ Delimiter: '/', Prefix: 'c/' })), ['c/'])
  assert.deepEqual(namesOf(await list({ Delimiter: '1', Prefix: 'a' })), ['a/2', 'a/b/3', 'a/1'])
})

test('pages of any size give every key once, in both versions', async () => {
  for (const MaxKeys of [1, 2, 3, 9]) {
    for (const Delimiter of [undefined, '/']) {
      const whole = namesOf(await list({ Delimiter }))
      assertSameNames(await collect({ MaxKeys, Delimiter }), whole)
      assertSameNames(await collectV1({ MaxKeys, Delimiter }), whole)
    }
  }
})

function assertSameNames(names: readonly unknown[], expected: readonly unknown[]): void {
  assert.equal(names.length, expected.length)
  assert.deepEqual(new Set(names), new Set(expected))
}

async function collect(more: Partial<ListObjectsV2CommandInput>): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await list({ ...more, ContinuationToken })
    names.push(...namesOf(page))
    assert.equal(page.KeyCount, namesOf(page).length)
    assert.equal(page.IsTruncated, page.NextContinuationToken !== undefined)
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined)
  return names
}

async function collectV1(more: Partial<ListObjectsCommandInput>): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = []
  let Marker: string | undefined
  let page
  do {
    page = await listV1({ ...more, Marker })
    names.push(...namesOf(page))
    // As on AWS, only a list with a delimiter says where the next page begins.
    if (more.Delimiter === undefined) assert.equal(page.NextMarker, undefined)
    Marker = page.NextMarker ?? page.Contents?.at(-1)?.Key
  } while (page.IsTruncated === true)
  return names
}

test('start-after and marker give what sorts after them, whether it exists or not', async () => {
  assert.deepEqual(namesOf(await list({ StartAfter: 'c' })), KEYS.slice(5))
  assert.deepEqual(namesOf(await list({ StartAfter: 'c d+e' })), KEYS.slice(6))
  assert.deepEqual(namesOf(await listV1({ Marker: 'c' })), KEYS.slice(5))
  assert.deepEqual(namesOf(await list({ StartAfter: '\u{1f600}' })), [])
})

test('a page of no keys is empty and not truncated', async () => {
  const page = await list({ MaxKeys: 0 })
  assert.deepEqual([page.KeyCount, page.IsTruncated], [0, false])
  assert.equal((await list({ MaxKeys: 5000 })).MaxKeys, 1000)
})

test('names are percent-encoded on request, and clients decode them', async () => {
  const page = await list({ EncodingType: 'url', Prefix: 'c', Delimiter: '+' })
  assert.equal(page.EncodingType, 'url')
  assert.equal(page.Delimiter, '%2B')
  assert.deepEqual(namesOf(page), ['c/', 'c%20d%2B'])
})

test('arguments that make no sense are refused', async () => {
  await assertRefused(list({ MaxKeys: -1 }), 400, 'InvalidArgument')
  await assertRefused(list({ ContinuationToken: 'no token' }), 400, 'InvalidArgument')
  const nowhere = { Bucket: freshName('nowhere') }
  await assertRefused(list(nowhere), 404, 'NoSuchBucket')
  await assertRefused(listV1(nowhere), 404, 'NoSuchBucket')
})
