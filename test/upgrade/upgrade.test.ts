/** The folder of an earlier release is served by this one; that of a later one is left alone. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import {
  CompleteMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ROOT_KEYS, runCoffer, temporaryFolder } from '../app/coffer-process.ts'
import { serve } from '../app/serving.ts'
import { listFiles, unpackFolder } from './packed-folder.ts'
import { readLines, readSnapshot, sha256Of, type Snapshot } from './snapshot.ts'
import {
  BODIES,
  contentOf,
  KEYS,
  openClient,
  PARTS,
  SNAPSHOT_FILE,
  STORE_FILE,
} from './store-v1.ts'

const PLAIN = 'plain'

async function oldFolder(context: TestContext): Promise<string> {
  const folder = join(await temporaryFolder((cleanUp) => context.after(cleanUp)), 'store')
  await unpackFolder(STORE_FILE, folder)
  return folder
}

function clientOf(context: TestContext, url: string, who: keyof typeof KEYS): S3Client {
  const client = openClient(url, KEYS[who])
  context.after(() => client.destroy())
  return client
}

async function read(s3: S3Client, Bucket: string, Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

/** What has the fields of `expected` only: a newer release may tell more, and never less. */
function alike(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, at) => alike(item, expected[at]))
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual
  const known = Object.entries(actual).filter(([name]) => name in expected)
  return Object.fromEntries(known.map(([name, value]) => [name, alike(value, expected[name])]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function assertSound(url: string): Promise<void> {
  const lines = await readLines(url, '/coffer/scrub')
  const summary: unknown = lines.at(-1)
  assert.ok(isRecord(summary) && summary['event'] === 'summary')
  assert.deepEqual(summary['findings'], {})
}

test('a folder of format 1 is served as it was, written to, and still sound', async (context) => {
  const folder = await oldFolder(context)
  const { coffer } = await serve(context, { folder })
  const s3 = clientOf(context, coffer.url, 'root')
  const lab = clientOf(context, coffer.url, 'lab')
  const expected: Snapshot = JSON.parse(await readFile(SNAPSHOT_FILE, 'utf8'))
  const found = await readSnapshot([s3, lab], coffer.url)
  assert.deepEqual(alike(found, expected), expected)
  await assertBodies(s3)
  await assertRights(context, coffer.url)

  await write(s3)
  await assertSound(coffer.url)
  await coffer.stop()
  const again = await serve(context, { folder })
  const after = clientOf(context, again.coffer.url, 'root')
  await assertWritten(after)
  await assertSound(again.coffer.url)
})

/** The snapshot says what the old server told; these are the bytes that it was sent. */
async function assertBodies(s3: S3Client): Promise<void> {
  for (const [key, size] of Object.entries(BODIES)) {
    assert.ok((await read(s3, PLAIN, key)).equals(contentOf(key, size)), key)
  }
  const parts = PARTS.map((size) => contentOf('complete', size))
  assert.ok((await read(s3, PLAIN, 'complete')).equals(Buffer.concat(parts)))
}

async function assertRights(context: TestContext, url: string): Promise<void> {
  const alice = clientOf(context, url, 'alice')
  const lab = clientOf(context, url, 'lab')
  assert.equal((await read(alice, PLAIN, 'inline')).length, BODIES['inline'])
  await assert.rejects(read(alice, 'versioned', 'thrice'), { name: 'AccessDenied' })
  assert.equal((await read(lab, 'lists', 'granted')).length, 10)
  await assert.rejects(read(lab, PLAIN, 'file'), { name: 'AccessDenied' })
  assert.equal((await fetch(`${url}/plain/inline`)).status, 200)
  assert.equal((await fetch(`${url}/plain/file`)).status, 403)
}

/** Writes that stand on what the old release wrote. */
async function write(s3: S3Client): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: PLAIN, Key: 'file', Body: 'new' }))
  await s3.send(new DeleteObjectCommand({ Bucket: PLAIN, Key: 'segment' }))
  await s3.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'thrice', Body: 'a fourth' }))
  await s3.send(new PutObjectCommand({ Bucket: 'suspended', Key: 'gone', Body: 'back' }))
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: PLAIN }))
  const upload = { Bucket: PLAIN, Key: 'open', UploadId: Uploads[0]?.UploadId }
  await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'the end' }))
  const { Parts } = await s3.send(new ListPartsCommand(upload))
  const MultipartUpload = { Parts: Parts?.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) }
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }))
  const kept = { Bucket: 'locked', Key: 'kept' }
  const { VersionId } = await s3.send(new GetObjectCommand(kept))
  await assert.rejects(s3.send(new DeleteObjectCommand({ ...kept, VersionId })), {
    name: 'AccessDenied',
  })
}

async function assertWritten(s3: S3Client): Promise<void> {
  assert.equal(String(await read(s3, PLAIN, 'file')), 'new')
  // The copy had the same bytes on disk.
  assert.ok((await read(s3, PLAIN, 'copy of file')).equals(contentOf('file', 300_000)))
  await assert.rejects(read(s3, PLAIN, 'segment'), { name: 'NoSuchKey' })
  assert.equal(String(await read(s3, 'versioned', 'thrice')), 'a fourth')
  assert.equal(String(await read(s3, 'suspended', 'gone')), 'back')
  const open = [contentOf('open', PARTS[0] ?? 0), Buffer.from('the end')]
  assert.ok((await read(s3, PLAIN, 'open')).equals(Buffer.concat(open)))
}

async function hashAll(folder: string): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {}
  for (const path of await listFiles(folder)) {
    hashes[path] = sha256Of(await readFile(join(folder, path)))
  }
  return hashes
}

const COMMANDS = [['serve', '--listen', '127.0.0.1:0'], ['scrub'], ['backup', '/nowhere']] as const

test('a folder of a later format is refused by its version, and not touched', async (context) => {
  const folder = await oldFolder(context)
  const path = join(folder, 'coffer.json')
  const description: object = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...description, formatVersion: 2 }))
  const before = await hashAll(folder)
  for (const command of COMMANDS) {
    const given = [...command, '--folder', folder]
    const { exitCode, stderr } = await runCoffer(given, { environment: ROOT_KEYS })
    assert.equal(exitCode, 1)
    assert.match(stderr, /has format version 2; this Coffer reads 1\. Use the Coffer that wrote it/)
  }
  assert.deepEqual(await hashAll(folder), before)
})

test('tables of a later version are refused by it, and not touched', async (context) => {
  const folder = await oldFolder(context)
  const path = join(folder, 'tables.sqlite')
  const database = new DatabaseSync(path)
  const row = database.prepare('pragma user_version').get()
  const version = Number(row?.['user_version'])
  database.exec(`pragma user_version = ${version + 1}`)
  database.close()
  const before = await readFile(path)
  const { exitCode, stderr } = await runCoffer(['serve', folder, '--listen', '127.0.0.1:0'], {
    environment: ROOT_KEYS,
  })
  assert.equal(exitCode, 1)
  assert.match(stderr, new RegExp(`have version ${version + 1}; this Coffer knows ${version}`))
  assert.ok(before.equals(await readFile(path)))
})
