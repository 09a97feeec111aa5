/**
 * minio-js: files of every size by `fPut` and `fGet`, streams, parts of 300 MiB, lists of 1,797
 * images, copy and compose, tags, versions, object lock, policies, presigned URLs, forms.
 */
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { Client, CopyDestinationOptions, CopySourceOptions, RETENTION_MODES } from 'minio'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { readFolder, sha256Of } from './local-files.ts'

const LARGE = 'files/20-mib.bin'

const server = await serveClients()
const { hostname, port, protocol } = new URL(server.url)
const transportAgent = protocol === 'https:' ? new HttpsAgent() : new HttpAgent()
const minio = new Client({
  endPoint: hostname,
  ...(port !== '' && { port: Number(port) }),
  useSSL: protocol === 'https:',
  transportAgent,
  accessKey: server.accessKey,
  secretKey: server.secretKey,
})
const bucket = `minio-js-${randomUUID().slice(0, 8)}`
let inputs: string

before(async () => {
  inputs = await openInputs()
  await minio.makeBucket(bucket)
})

// minio-js leaves some answers unread, and then their connections open.
after(() => transportAgent.destroy())

test('a bucket exists, is listed, and is gone when it is removed', async () => {
  const other = `${bucket}-other`
  await minio.makeBucket(other)
  assert.equal(await minio.bucketExists(other), true)
  assert.ok((await minio.listBuckets()).some(({ name }) => name === other))
  await minio.removeBucket(other)
  assert.equal(await minio.bucketExists(other), false)
})

test('files of every size come back bit for bit', async () => {
  const files = await readFolder(join(inputs, 'files'))
  for (const { name, path } of files) await minio.fPutObject(bucket, `files/${name}`, path)
  const listed = await entriesOf(minio.listObjectsV2(bucket, 'files/', true))
  assert.deepEqual(
    listed.map(({ name, size }) => ({ name, size })),
    files.map(({ name, size }) => ({ name: `files/${name}`, size })),
  )
  for (const { name } of files) {
    await minio.fGetObject(bucket, `files/${name}`, join(server.folder, 'got', name))
  }
  const got = await readFolder(join(server.folder, 'got'))
  const digests = (from: typeof files): readonly string[] => from.map(({ sha256 }) => sha256)
  assert.equal(got.length, 10)
  assert.deepEqual(digests(got), digests(files))
})

test('300 MiB are sent in parts, by name and as a stream of unknown length', async () => {
  const path = join(inputs, 'checkpoint.bin')
  const digest = await sha256Of(createReadStream(path))
  await minio.fPutObject(bucket, 'checkpoints/1', path)
  await minio.putObject(bucket, 'checkpoints/2', createReadStream(path))
  for (const name of ['checkpoints/1', 'checkpoints/2']) {
    assert.match((await minio.statObject(bucket, name)).etag, /^\w{32}-\d+$/)
    assert.equal(await sha256Of(await minio.getObject(bucket, name)), digest)
  }
})

test('a part of an object is what was asked for', async () => {
  const truth = await readFile(join(inputs, LARGE))
  await minio.putObject(bucket, 'ranges', truth)
  const got = await buffer(await minio.getPartialObject(bucket, 'ranges', 16_777_211, 10))
  assert.deepEqual(got, truth.subarray(16_777_211, 16_777_221))
})

test('a stat tells size, digest and metadata', async () => {
  const body = await readFile(join(inputs, 'models/v1.bin'))
  const given = { 'Content-Type': 'application/x-pickle', accuracy: '0.97' }
  await minio.putObject(bucket, 'model', body, body.length, given)
  const { size, etag, metaData } = await minio.statObject(bucket, 'model')
  assert.deepEqual(
    { size, etag, type: metaData['content-type'], accuracy: metaData['accuracy'] },
    {
      size: body.length,
      etag: createHash('md5').update(body).digest('hex'),
      type: 'application/x-pickle',
      accuracy: '0.97',
    },
  )
})

test('lists are whole, in order, by folder and from any place', async () => {
  const files = await readFolder(join(inputs, 'digits'))
  const queue = files.values()
  const putNext = async (): Promise<void> => {
    for (const { name, path } of queue) await minio.fPutObject(bucket, `digits/${name}`, path)
  }
  await Promise.all([putNext(), putNext(), putNext(), putNext()])
  const names = files.map(({ name }) => `digits/${name}`)
  assert.equal(names.length, 1797)
  assert.deepEqual(await namesOf(minio.listObjectsV2(bucket, 'digits/', true)), names)
  assert.deepEqual(await namesOf(minio.listObjects(bucket, 'digits/', true)), names)
  const rest = minio.listObjectsV2(bucket, 'digits/', true, names[1499])
  assert.deepEqual(await namesOf(rest), names.slice(1500))
  const folders = await entriesOf(minio.listObjectsV2(bucket, 'digits/', false))
  assert.deepEqual(
    folders.map(({ prefix }) => prefix),
    Array.from({ length: 10 }, (_, digit) => `digits/${digit}/`),
  )
  await minio.removeObjects(bucket, names)
  assert.deepEqual(await namesOf(minio.listObjectsV2(bucket, 'digits/', true)), [])
})

test('an object is copied with its metadata, and composed of others', async () => {
  const truth = await readFile(join(inputs, LARGE))
  const source = '数据/源 1+2.bin'
  await minio.putObject(bucket, source, truth, truth.length, { stage: 'test' })
  await minio.copyObject(
    new CopySourceOptions({ Bucket: bucket, Object: source }),
    new CopyDestinationOptions({ Bucket: bucket, Object: 'copy' }),
  )
  assert.equal((await minio.statObject(bucket, 'copy')).metaData['stage'], 'test')
  assert.deepEqual(await bytesOf('copy'), truth)
  // minio-js cannot compose what has a name beyond ASCII.
  const part = new CopySourceOptions({ Bucket: bucket, Object: 'copy' })
  const whole = new CopyDestinationOptions({ Bucket: bucket, Object: 'twice' })
  await minio.composeObject(whole, [part, part])
  assert.deepEqual(await bytesOf('twice'), Buffer.concat([truth, truth]))
})

test('tags of an object come back and go', async () => {
  await minio.putObject(bucket, 'tagged', 'x')
  const tags = { stage: 'test', team: '视觉 / vision+speech' }
  const expected = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  await minio.setObjectTagging(bucket, 'tagged', tags)
  assert.deepEqual(await minio.getObjectTagging(bucket, 'tagged'), expected)
  await minio.removeObjectTagging(bucket, 'tagged', { versionId: '' })
  assert.deepEqual(await minio.getObjectTagging(bucket, 'tagged'), [])
})

test('a policy comes back, opens what it says to anyone, and nothing else', async () => {
  await minio.putObject(bucket, 'public/a.txt', 'for all')
  await minio.putObject(bucket, 'private.txt', 'for me')
  const Resource = [`arn:aws:s3:::${bucket}/public/*`]
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource }]
  const policy = { Version: '2012-10-17', Statement }
  await minio.setBucketPolicy(bucket, JSON.stringify(policy))
  assert.deepEqual(JSON.parse(await minio.getBucketPolicy(bucket)), policy)
  const open = await fetch(`${server.url}/${bucket}/public/a.txt`)
  assert.equal(await open.text(), 'for all')
  assert.equal((await fetch(`${server.url}/${bucket}/private.txt`)).status, 403)
  await minio.setBucketPolicy(bucket, '')
  assert.equal((await fetch(`${server.url}/${bucket}/public/a.txt`)).status, 403)
})

test('versions are listed, read and removed', async () => {
  const versioned = `${bucket}-versions`
  await minio.makeBucket(versioned)
  await minio.setBucketVersioning(versioned, { Status: 'Enabled' })
  assert.equal((await minio.getBucketVersioning(versioned)).Status, 'Enabled')
  for (const body of ['one', 'two']) await minio.putObject(versioned, 'a', body)
  await minio.removeObject(versioned, 'a')
  const listed = await entriesOf(minio.listObjects(versioned, '', true, { IncludeVersion: true }))
  const ids = listed.map(({ versionId }) => String(versionId))
  assert.deepEqual(
    listed.map(({ isDeleteMarker, isLatest }) => [isDeleteMarker, isLatest]),
    [
      [false, false],
      [false, false],
      [true, true],
    ],
  )
  const bodies = ids.slice(0, 2).map(async (versionId) => {
    return text(await minio.getObject(versioned, 'a', { versionId }))
  })
  assert.deepEqual(await Promise.all(bodies), ['two', 'one'])
  await minio.removeObjects(
    versioned,
    ids.map((versionId) => ({ name: 'a', versionId })),
  )
  await minio.removeBucket(versioned)
})

test('a locked version stays until its retention is bypassed', async () => {
  const locked = `${bucket}-locked`
  await minio.makeBucket(locked, '', { ObjectLocking: true })
  const { versionId } = await minio.putObject(locked, 'a', 'x')
  assert.ok(versionId !== null)
  const retainUntilDate = new Date(Date.now() + 86_400_000).toISOString()
  const mode = RETENTION_MODES.GOVERNANCE
  await minio.putObjectRetention(locked, 'a', { mode, retainUntilDate, versionId })
  const kept = await minio.getObjectRetention(locked, 'a', { versionId })
  assert.deepEqual(kept, { mode, retainUntilDate })
  await assert.rejects(minio.removeObject(locked, 'a', { versionId }), { code: 'AccessDenied' })
  await minio.removeObject(locked, 'a', { versionId, governanceBypass: true })
  await minio.removeBucket(locked)
})

test('an upload that was begun is found and given up', async () => {
  const uploadId = await minio.initiateNewMultipartUpload(bucket, 'begun', {})
  const [begun] = await entriesOf(minio.listIncompleteUploads(bucket, 'begun', true))
  assert.deepEqual([begun?.['key'], begun?.['uploadId']], ['begun', uploadId])
  await minio.removeIncompleteUpload(bucket, 'begun')
  assert.deepEqual(await entriesOf(minio.listIncompleteUploads(bucket, 'begun', true)), [])
})

test('presigned URLs store and give bytes without keys', async () => {
  const key = '数据/模型 1+2.bin'
  const body = await readFile(join(inputs, 'models/v1.bin'))
  const stored = await fetch(await minio.presignedPutObject(bucket, key, 60), {
    method: 'PUT',
    body,
  })
  assert.equal(stored.status, 200, await stored.text())
  const headers = { 'response-content-disposition': 'attachment; filename="model"' }
  const got = await fetch(await minio.presignedGetObject(bucket, key, 60, headers))
  assert.equal(got.headers.get('content-disposition'), 'attachment; filename="model"')
  assert.deepEqual(Buffer.from(await got.arrayBuffer()), body)
})

test('a form stores what its policy allows, and nothing else', async () => {
  const policy = minio.newPostPolicy()
  policy.setBucket(bucket)
  policy.setKeyStartsWith('forms/')
  policy.setContentType('image/png')
  policy.setContentLengthRange(1, 100_000)
  policy.setUserMetaData({ from: 'form' })
  policy.setExpires(new Date(Date.now() + 60_000))
  const { postURL, formData } = await minio.presignedPostPolicy(policy)
  const image = await readFile(join(inputs, 'digits/7/0007.png'))
  const post = (key: string): Promise<Response> => {
    const body = new FormData()
    for (const [name, value] of Object.entries({ ...formData, key })) body.append(name, value)
    body.append('file', new Blob([image]), 'seven.png')
    return fetch(postURL, { method: 'POST', body })
  }
  assert.equal((await post('forms/七.png')).status, 204)
  assert.deepEqual(await bytesOf('forms/七.png'), image)
  const { metaData } = await minio.statObject(bucket, 'forms/七.png')
  assert.deepEqual([metaData['content-type'], metaData['from']], ['image/png', 'form'])
  assert.equal((await post('elsewhere/seven.png')).status, 403)
})

test('what is not there is said in the words of S3', async () => {
  await assert.rejects(minio.getObject(bucket, 'none'), { code: 'NoSuchKey' })
  await assert.rejects(minio.statObject(bucket, 'none'), { code: 'NotFound' })
  await assert.rejects(minio.getObject(`${bucket}-none`, 'a'), { code: 'NoSuchBucket' })
  await assert.rejects(minio.removeBucket(bucket), { code: 'BucketNotEmpty' })
})

type Entry = Readonly<Record<string, unknown>>

function entriesOf(stream: Readable): Promise<readonly Entry[]> {
  return stream.toArray()
}

async function namesOf(stream: Readable): Promise<readonly unknown[]> {
  return (await entriesOf(stream)).map(({ name }) => name)
}

async function bytesOf(key: string): Promise<Buffer> {
  return buffer(await minio.getObject(bucket, key))
}
