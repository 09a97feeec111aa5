/**
 * AWS SDK for JavaScript v3: files of every size with each of its checksums, streams of 300 MiB in
 * parts, lists in pages, writers that compare and swap, versions, presigned URLs, forms.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { GetObjectCommandInput, ListObjectsV2CommandInput } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { serveClients } from '../client-server.ts'
import { openInputs } from '../inputs.ts'
import { readFolder, sha256Of } from './local-files.ts'

// Those that the SDK computes itself.
const CHECKSUMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
const PART_BYTES = 8 * 1024 * 1024
const LARGE = 'files/20-mib.bin'
const WRITERS = 8
const SWAPS_PER_WRITER = 10

const server = await serveClients()
const s3 = new S3Client({
  endpoint: server.url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
})
const Bucket = `sdk-${randomUUID().slice(0, 8)}`
let inputs: string

before(async () => {
  inputs = await openInputs()
  await s3.send(new CreateBucketCommand({ Bucket }))
})
after(() => s3.destroy())

test('files of every size come back bit for bit', async () => {
  const files = await readFolder(join(inputs, 'files'))
  assert.equal(files.length, 10)
  for (const { name, path, size, sha256 } of files) {
    const Key = `files/${name}`
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(path) }))
    const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    assert.equal(ContentLength, size)
    assert.equal(await digestOf(Body), sha256, name)
  }
  const names = files.map(({ name }) => `files/${name}`)
  assert.deepEqual(await keysOf({ Bucket, Prefix: 'files/' }), names)
})

for (const ChecksumAlgorithm of CHECKSUMS) {
  test(`a ${ChecksumAlgorithm} is compared when 20 MiB come and when they go`, async () => {
    const Body = await readFile(join(inputs, LARGE))
    const Key = `checked/${ChecksumAlgorithm}`
    const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm }))
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
    const name = `Checksum${ChecksumAlgorithm}`
    assert.match(String(Reflect.get(put, name)), /^[\w+/]{6,}=*$/)
    assert.equal(Reflect.get(got, name), Reflect.get(put, name))
    // The SDK compares it once more while it reads, and throws where it differs.
    assert.deepEqual(await buffer(bytesOf(got.Body)), Body)
  })
}

test('a stream of 300 MiB is sent in parts and comes back bit for bit', async () => {
  const path = join(inputs, 'checkpoint.bin')
  const Key = 'checkpoints/1'
  const Body = createReadStream(path)
  const params = { Bucket, Key, Body, Metadata: { epoch: '1' } }
  const sent: number[] = []
  const upload = new Upload({ client: s3, params, partSize: PART_BYTES, queueSize: 4 })
  upload.on('httpUploadProgress', ({ part }) => sent.push(part ?? 0))
  const { ETag } = await upload.done()
  assert.match(String(ETag), /-38"$/)
  assert.equal(new Set(sent).size, 38)
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }))
  assert.deepEqual(got.Metadata, { epoch: '1' })
  assert.equal(await digestOf(got.Body), await sha256Of(createReadStream(path)))
})

test('an upload that is aborted leaves no object and no parts', { timeout: 30_000 }, async () => {
  const Key = 'checkpoints/aborted'
  const Body = createReadStream(join(inputs, 'checkpoint.bin'))
  const upload = new Upload({ client: s3, params: { Bucket, Key, Body }, partSize: PART_BYTES })
  upload.on('httpUploadProgress', () => void upload.abort())
  await assert.rejects(upload.done(), { name: 'AbortError' })
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key })), { name: 'NotFound' })
  // The SDK says that it has aborted before it tells the server.
  const list = new ListMultipartUploadsCommand({ Bucket })
  while ((await s3.send(list)).Uploads !== undefined) await setTimeout(50)
})

test('a read that is left in the middle disturbs no other', async () => {
  const name = { Bucket, Key: 'left' }
  const truth = await readFile(join(inputs, LARGE))
  await s3.send(new PutObjectCommand({ ...name, Body: truth }))
  const { Body } = await s3.send(new GetObjectCommand(name))
  for await (const chunk of bytesOf(Body)) {
    assert.ok(chunk.length < truth.length)
    break
  }
  const got = await bytesAt({ ...name, Range: 'bytes=16777211-16777220' })
  assert.deepEqual(got, truth.subarray(16_777_211, 16_777_221))
})

test('pages of a list hold 1,797 images once each, and a folder of them goes in one request', async () => {
  const files = await readFolder(join(inputs, 'digits'))
  const queue = files.values()
  const putNext = async (): Promise<void> => {
    for (const { name, path } of queue) {
      const Body = await readFile(path)
      await s3.send(new PutObjectCommand({ Bucket, Key: `digits/${name}`, Body }))
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, putNext))
  const names = files.map(({ name }) => `digits/${name}`)
  assert.equal(names.length, 1797)
  assert.deepEqual(await keysOf({ Bucket, Prefix: 'digits/' }, 100), names)
  const StartAfter = names[1499] ?? ''
  assert.deepEqual(await keysOf({ Bucket, Prefix: 'digits/', StartAfter }), names.slice(1500))
  const folders: (string | undefined)[] = []
  const byFolder = { Bucket, Prefix: 'digits/', Delimiter: '/' }
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 3 }, byFolder)) {
    folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix))
  }
  assert.deepEqual(
    folders,
    Array.from({ length: 10 }, (_, digit) => `digits/${digit}/`),
  )
  const keys = await keysOf({ Bucket, Prefix: 'digits/7/' })
  const Objects = keys.map((Key) => ({ Key }))
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  assert.equal(Deleted?.length, 179)
  assert.deepEqual(await keysOf({ Bucket, Prefix: 'digits/7/' }), [])
})

test('of writers that create one key, one succeeds', async () => {
  const attempts = Array.from({ length: WRITERS }, (_, writer) =>
    s3.send(
      new PutObjectCommand({ Bucket, Key: 'created', Body: String(writer), IfNoneMatch: '*' }),
    ),
  )
  const outcomes = await Promise.allSettled(attempts)
  const winners = outcomes.flatMap(({ status }, writer) => (status === 'fulfilled' ? writer : []))
  assert.equal(winners.length, 1)
  for (const outcome of outcomes) if (outcome.status === 'rejected') assertConflict(outcome.reason)
  assert.equal((await textOf('created')).text, String(winners[0]))
})

test('writers that compare and swap lose no count', async () => {
  const Key = 'counter'
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: '0' }))
  const count = async (): Promise<void> => {
    const { text, etag: IfMatch } = await textOf(Key)
    const Body = String(Number(text) + 1)
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, IfMatch }))
    } catch (error) {
      assertConflict(error)
      await count()
    }
  }
  const writer = async (): Promise<void> => {
    for (let swap = 0; swap < SWAPS_PER_WRITER; swap++) await count()
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  assert.equal((await textOf(Key)).text, String(WRITERS * SWAPS_PER_WRITER))
})

test('versions are listed, read, restored, and come back from under a marker', async () => {
  const own = { Bucket: `${Bucket}-versions` }
  await s3.send(new CreateBucketCommand(own))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ ...own, VersioningConfiguration }))
  const Key = '模型/digits'
  const models = await Promise.all(
    ['v1', 'v2', 'v3'].map((version) => readFile(join(inputs, 'models', `${version}.bin`))),
  )
  const ids: string[] = []
  for (const Body of models) {
    const { VersionId = '' } = await s3.send(new PutObjectCommand({ ...own, Key, Body }))
    ids.push(VersionId)
  }
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand(own))
  assert.deepEqual(
    Versions.map(({ VersionId }) => VersionId),
    ids.toReversed(),
  )
  for (const [index, VersionId] of ids.entries()) {
    assert.deepEqual(await bytesAt({ ...own, Key, VersionId }), models[index])
  }
  const CopySource = `${own.Bucket}/${encodeURIComponent(Key)}?versionId=${ids[0]}`
  await s3.send(new CopyObjectCommand({ ...own, Key, CopySource }))
  assert.deepEqual(await bytesAt({ ...own, Key }), models[0])
  const marker = await s3.send(new DeleteObjectCommand({ ...own, Key }))
  await assert.rejects(bytesAt({ ...own, Key }), { name: 'NoSuchKey' })
  await s3.send(new DeleteObjectCommand({ ...own, Key, VersionId: marker.VersionId }))
  assert.deepEqual(await bytesAt({ ...own, Key }), models[0])
})

test('presigned URLs store and give bytes without keys', async () => {
  const Key = '数据/模型 1+2.bin'
  const body = await readFile(join(inputs, 'models/v1.bin'))
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 })
  const stored = await fetch(put, { method: 'PUT', body })
  assert.equal(stored.status, 200, await stored.text())
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 })
  assert.deepEqual(Buffer.from(await (await fetch(get)).arrayBuffer()), body)
  assert.equal((await fetch(get.replace('1%2B2', '1%2B3'))).status, 403)
})

test('a form stores what its policy allows, and nothing else', async () => {
  const form = await createPresignedPost(s3, {
    Bucket,
    Key: 'forms/${filename}',
    Conditions: [
      ['content-length-range', 1, 2_000_000],
      ['starts-with', '$Content-Type', 'image/'],
    ],
    Fields: { success_action_status: '201', 'x-amz-meta-from': 'form' },
    Expires: 60,
  })
  const image = await readFile(join(inputs, 'digits/7/0007.png'))
  const post = (body: Uint8Array<ArrayBuffer>, type = 'image/png'): Promise<Response> => {
    const data = new FormData()
    for (const [name, value] of Object.entries(form.fields)) data.append(name, value)
    data.append('Content-Type', type)
    data.append('file', new Blob([body], { type }), '图像 7.png')
    return fetch(form.url, { method: 'POST', body: data })
  }
  const stored = await post(image)
  assert.equal(stored.status, 201, await stored.text())
  const name = { Bucket, Key: 'forms/图像 7.png' }
  assert.deepEqual(await bytesAt(name), image)
  const { Metadata, ContentType } = await s3.send(new HeadObjectCommand(name))
  assert.deepEqual(
    { Metadata, ContentType },
    { Metadata: { from: 'form' }, ContentType: 'image/png' },
  )
  const large = await post(new Uint8Array(2_000_001))
  assert.match(await large.text(), /<Code>EntityTooLarge<\/Code>/)
  const other = await post(image, 'text/html')
  assert.equal(other.status, 403)
  assert.deepEqual(await bytesAt(name), image)
})

function assertConflict(error: unknown): void {
  assert.ok(error instanceof S3ServiceException, String(error))
  assert.match(error.name, /^(PreconditionFailed|ConditionalRequestConflict)$/)
}

async function keysOf(
  input: ListObjectsV2CommandInput,
  pageSize = 1000,
): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const page of paginateListObjectsV2({ client: s3, pageSize }, input)) {
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key))
  }
  return keys
}

async function bytesAt(input: GetObjectCommandInput): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand(input))
  return buffer(bytesOf(Body))
}

async function textOf(Key: string): Promise<{ readonly text: string; readonly etag: string }> {
  const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return { text: (await Body?.transformToString()) ?? '', etag: ETag }
}

function digestOf(body: unknown): Promise<string> {
  return sha256Of(bytesOf(body))
}

function bytesOf(body: unknown): AsyncIterable<Uint8Array> {
  assert.ok(body instanceof Readable)
  return body
}
