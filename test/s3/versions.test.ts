// What versioning does to every operation.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertRefused } from './assert-refused.ts'
import { freshName, type S3Server, startS3Server } from './s3-server.ts'

let server: S3Server
let s3: S3Client
let Bucket = ''

before(async () => {
  server = await startS3Server()
  s3 = server.client()
})
after(() => server.stop())
beforeEach(async () => {
  Bucket = freshName('versions')
  await s3.send(new CreateBucketCommand({ Bucket }))
  await setVersioning('Enabled')
})

const setVersioning = (Status: 'Enabled' | 'Suspended') =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
const put = (Key: string, text: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(text) }))
const get = (Key: string, VersionId?: string) =>
  s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))
const remove = (Key: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
const versions = (more = {}) => s3.send(new ListObjectVersionsCommand({ Bucket, ...more }))
const textOf = async (Key: string, VersionId?: string) =>
  (await get(Key, VersionId)).Body?.transformToString()

test('every version can be read, and deleting one for good shows the one before', async () => {
  const one = await put('key', 'one')
  const two = await put('key', 'two')
  assert.notEqual(one.VersionId, two.VersionId)
  assert.equal(await textOf('key'), 'two')
  assert.equal(await textOf('key', one.VersionId), 'one')
  assert.equal((await get('key')).VersionId, two.VersionId)
  const removed = await remove('key', two.VersionId)
  assert.equal(removed.VersionId, two.VersionId)
  assert.equal(await textOf('key'), 'one')
  await assertRefused(get('key', two.VersionId), 404, 'NoSuchVersion')
})

test('a delete hides the key behind a marker, and removing the marker shows it again', async () => {
  const { VersionId } = await put('key', 'text')
  const hidden = await remove('key')
  assert.equal(hidden.DeleteMarker, true)
  const gone = await assertRefused(get('key'), 404, 'NoSuchKey')
  assert.equal(gone.$response?.headers['x-amz-delete-marker'], 'true')
  assert.equal(gone.$response?.headers['x-amz-version-id'], hidden.VersionId)
  const marker = get('key', hidden.VersionId)
  const refused = await assertRefused(marker, 405, 'MethodNotAllowed')
  assert.equal(refused.$response?.headers['x-amz-delete-marker'], 'true')
  assert.equal(refused.$response?.headers['allow'], 'DELETE')
  const Key = 'key'
  const head = s3.send(new HeadObjectCommand({ Bucket, Key, VersionId: hidden.VersionId }))
  await assertRefused(head, 405)
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }))
  assert.equal(Contents, undefined)
  const shown = await remove('key', hidden.VersionId)
  assert.equal(shown.DeleteMarker, true)
  assert.equal((await get('key')).VersionId, VersionId)
})

test('versions list by key, newest first, markers in their place', async () => {
  const a1 = await put('a', '1')
  const a2 = await put('a', '2')
  const marker = await remove('a')
  const b = await put('b', 'b')
  const { Versions, DeleteMarkers } = await versions()
  assert.deepEqual(
    Versions?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
    [
      ['a', a2.VersionId, false],
      ['a', a1.VersionId, false],
      ['b', b.VersionId, true],
    ],
  )
  assert.deepEqual(
    DeleteMarkers?.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
    [['a', marker.VersionId, true]],
  )
})

test('pages of versions give each once, also in the middle of a key', async () => {
  const made = new Set<string | undefined>()
  for (const key of ['a', 'b/1', 'b/2', 'c']) {
    for (const text of ['1', '2', '3']) made.add((await put(key, text)).VersionId)
  }
  for (const MaxKeys of [1, 2, 5]) {
    const found: (string | undefined)[] = []
    let KeyMarker: string | undefined
    let VersionIdMarker: string | undefined
    let page
    do {
      page = await versions({ MaxKeys, KeyMarker, VersionIdMarker })
      found.push(...(page.Versions ?? []).map(({ VersionId }) => VersionId))
      KeyMarker = page.NextKeyMarker
      VersionIdMarker = page.NextVersionIdMarker
    } while (page.IsTruncated === true)
    assert.equal(found.length, made.size)
    assert.deepEqual(new Set(found), made)
  }
  const folded = await versions({ Delimiter: '/' })
  assert.deepEqual(
    folded.CommonPrefixes?.map(({ Prefix }) => Prefix),
    ['b/'],
  )
  assert.equal(folded.Versions?.length, 6)
  await assertRefused(versions({ VersionIdMarker: 'x' }), 400, 'InvalidArgument')
})

test('while versioning is suspended, only the null version is replaced', async () => {
  const kept = await put('key', 'kept')
  await setVersioning('Suspended')
  assert.equal((await put('key', 'null 1')).VersionId, undefined)
  await put('key', 'null 2')
  assert.equal((await get('key')).VersionId, 'null')
  assert.equal(await textOf('key', 'null'), 'null 2')
  assert.equal((await versions()).Versions?.length, 2)
  const hidden = await remove('key')
  assert.deepEqual([hidden.VersionId, hidden.DeleteMarker], ['null', true])
  assert.equal(await textOf('key', kept.VersionId), 'kept')
})

test('objects from before versioning have the id null', async () => {
  Bucket = freshName('before')
  await s3.send(new CreateBucketCommand({ Bucket }))
  await put('key', 'old')
  assert.equal((await get('key')).VersionId, undefined)
  assert.equal((await versions()).Versions?.[0]?.VersionId, 'null')
  await setVersioning('Enabled')
  await put('key', 'new')
  assert.equal(await textOf('key', 'null'), 'old')
})

test('a bulk delete makes markers and removes versions, and says which', async () => {
  const { VersionId } = await put('a', 'x')
  await put('b', 'x')
  const Objects = [{ Key: 'a', VersionId }, { Key: 'b' }]
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  const [a, b] = (Deleted ?? []).toSorted((x, y) => ((x.Key ?? '') < (y.Key ?? '') ? -1 : 1))
  assert.deepEqual(a, { Key: 'a', VersionId })
  assert.equal(b?.DeleteMarker, true)
  assert.ok(b.DeleteMarkerVersionId)
  const { DeleteMarkers, Versions } = await versions()
  assert.equal(DeleteMarkers?.[0]?.VersionId, b.DeleteMarkerVersionId)
  assert.deepEqual(
    Versions?.map(({ Key }) => Key),
    ['b'],
  )
})

test('an empty version id is refused', async () => {
  await assertRefused(get('key', ''), 400, 'InvalidArgument')
})
