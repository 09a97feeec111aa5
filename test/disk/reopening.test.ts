// What a store keeps when it is closed, or when its process ends without a word. A crash is a copy
// of the folder while the store is open: the files as the system has them, and nothing of what was
// in memory.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  listKeys,
  listVersionIds,
  PLAIN,
  put,
  read,
  readChanges,
  readText,
  remove,
  setVersioning,
} from '../../src/storage/conformance/actions.ts'
import { bodyOf, noise } from '../../src/storage/conformance/bytes.ts'
import { assertRefused } from '../../src/storage/conformance/truth.ts'
import type { ObjectStore } from '../../src/storage/object-store.ts'
import { openDiskStore, type DiskStore } from '../../src/storage/disk/disk-store.ts'

const SIZES = [0, 5, 4096, 4097, 100_000, 262_144, 262_145, 1_500_000]

async function newFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Opens what a crash at this moment would leave. */
async function openAfterCrash(context: TestContext, folder: string): Promise<DiskStore> {
  const copy = join(await newFolder(context), 'copy')
  await cp(folder, copy, { recursive: true })
  return openDiskStore({ folder: copy })
}

async function describe(store: ObjectStore): Promise<unknown> {
  const { versions } = await store.objects.listVersions(BUCKET, { limit: 1000 })
  const uploads = await store.uploads.list(BUCKET, { limit: 1000 })
  const [upload] = uploads.uploads
  return {
    buckets: await store.buckets.list({ limit: 1000 }),
    objects: await store.objects.list(BUCKET, { limit: 1000 }),
    versions,
    uploads,
    parts: upload && (await store.uploads.listParts(upload, { limit: 1000 })),
    documents: await store.documents.list(BUCKET),
    changes: await readChanges(store),
  }
}

async function fill(store: ObjectStore): Promise<void> {
  await createBucket(store)
  await put(store, 'old', 'before versioning')
  await setVersioning(store, 'enabled')
  for (const size of SIZES) await put(store, `size ${size}`, noise(size))
  await put(store, 'old', 'after versioning')
  await put(store, 'hidden', 'seen by its id alone')
  await remove(store, at('hidden'))
  await store.objects.copy(at('size 100000'), at('copy'), PLAIN)
  await store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE)
  const upload = await store.uploads.begin(at('upload'), PLAIN)
  await store.uploads.putPart({ ...upload, partNumber: 2 }, bodyOf(noise(300_000)), CHANGE)
}

test('closing and opening again changes nothing', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await fill(store)
  const before = await describe(store)
  await store.close()
  const reopened = await openDiskStore({ folder })
  assert.equal(reopened.storeId, store.storeId)
  assert.deepEqual(await describe(reopened), before)
  for (const size of SIZES) {
    assert.deepEqual(await read(reopened, at(`size ${size}`)), noise(size), `${size} bytes`)
  }
  assert.equal(await readText(reopened, at('old')), 'after versioning')
  assert.equal(await readText(reopened, at('old', 'null')), 'before versioning')
  assert.deepEqual(await read(reopened, at('copy')), noise(100_000))
  await reopened.close()
})

test('a process that ends without closing has lost nothing that was acknowledged', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await fill(store)
  const reopened = await openAfterCrash(context, folder)
  assert.deepEqual(await describe(reopened), await describe(store))
  for (const size of SIZES) assert.deepEqual(await read(reopened, at(`size ${size}`)), noise(size))
  await reopened.close()
  await store.close()
})

test('what is written after a crash stands behind what was written before', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store, 'enabled')
  const before = await put(store, 'key', noise(300_000))
  const reopened = await openAfterCrash(context, folder)
  const after = await put(reopened, 'key', noise(300_000, 2))
  assert.ok(after.sequence > before.sequence)
  assert.deepEqual(await listVersionIds(reopened), [
    `key ${after.versionId}`,
    `key ${before.versionId}`,
  ])
  assert.deepEqual(await read(reopened, at('key', before.versionId)), noise(300_000))
  await reopened.close()
  await store.close()
})

test('the file of a body that was never committed is removed on opening', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  await put(store, 'kept', noise(600_000))
  const { promise: crashed, resolve: crash } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  let chunks = 0
  const body = bodyOf(noise(3_000_000), {
    async onChunk() {
      chunks += 1
      if (chunks < 30) return
      begin()
      await crashed
    },
  })
  const writing = store.objects.put(at('lost'), body, PLAIN)
  await begun
  assert.equal((await listFiles(folder)).length, 2)
  const copy = join(await newFolder(context), 'copy')
  await cp(folder, copy, { recursive: true })
  crash()
  await writing
  await store.close()

  const reopened = await openDiskStore({ folder: copy })
  assert.deepEqual(await listKeys(reopened), ['kept'])
  assert.deepEqual(await read(reopened, at('kept')), noise(600_000))
  assert.equal((await listFiles(copy)).length, 1)
  await reopened.close()
})

test('a body that was prepared and never committed is gone after a restart', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  await store.commits?.prepare(BUCKET, bodyOf(noise(600_000)), CHANGE)
  await store.close()
  assert.equal((await listFiles(folder)).length, 1)
  await (await openDiskStore({ folder })).close()
  assert.equal((await listFiles(folder)).length, 0)
})

test('an empty feed goes on where it was trimmed', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  const head = await store.changes?.head()
  assert.ok(head)
  await store.changes?.trim(head)
  await store.close()
  const reopened = await openDiskStore({ folder })
  assert.equal(await reopened.changes?.head(), head)
  assert.equal(await reopened.changes?.oldest(), head)
  await put(reopened, 'key')
  const [change] = await readChanges(reopened)
  assert.equal(change?.operation, 'Put')
  assert.ok(((await reopened.changes?.head()) ?? '') > head)
  await reopened.close()
})

test('the space of what is overwritten and deleted is given back, the files first', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  for (const seed of [1, 2, 3]) await put(store, 'key', noise(400_000, seed))
  await put(store, 'other', noise(400_000))
  await remove(store, at('other'))
  await store.close()
  await (await openDiskStore({ folder })).close()
  assert.equal((await listFiles(folder)).length, 1)
})

test('a bucket that is made anew has nothing of the one before', async (context) => {
  const folder = await newFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  await store.uploads.begin(at('upload'), PLAIN)
  await store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE)
  await store.buckets.delete(BUCKET, CHANGE)
  await createBucket(store)
  assert.deepEqual(await store.documents.list(BUCKET), [])
  assert.deepEqual((await store.uploads.list(BUCKET, { limit: 10 })).uploads, [])
  await assertRefused(store.objects.head(at('upload'), {}), 'NoSuchKey')
  await store.close()
})

async function listFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'files'), { recursive: true })
  return names.filter((name) => name.endsWith('.body'))
}
