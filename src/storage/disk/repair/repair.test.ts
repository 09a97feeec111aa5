import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
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
  remove,
  setVersioning,
} from '../../conformance/actions.ts'
import { bodyOf, md5Of, noise } from '../../conformance/bytes.ts'
import type { UploadName } from '../../object-store.ts'
import type { RepairReport } from '../../maintenance.ts'
import { type DiskStore, openDiskStore } from '../disk-store.ts'
import { repair } from './repair.ts'

const FAST = { bytesPerSecond: 1e12 }

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-repair-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

/** A store, what `work` does to it, and then its catalog is gone. */
async function loseCatalog(
  context: TestContext,
  work: (store: DiskStore, backup: string) => Promise<void>,
) {
  const folder = await temporaryFolder(context)
  const backup = await temporaryFolder(context)
  const store = await openDiskStore({ folder, segmentBytes: 200_000 })
  await work(store, backup)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await store.close()
  await rm(join(folder, 'catalog'), { recursive: true })
  return { folder, backup }
}

/** The repaired store; a scrub has found nothing wrong with it. */
async function openRepaired(context: TestContext, folder: string): Promise<DiskStore> {
  const store = await openDiskStore({ folder })
  context.after(() => store.close())
  for await (const event of store.maintenance.scrub(FAST)) {
    assert.equal(event.event, 'summary', JSON.stringify(event))
  }
  const { objects } = await store.objects.list(BUCKET, { limit: 1000 })
  for (const { key, etag, size } of objects) {
    const bytes = await read(store, at(key))
    assert.equal(bytes.length, size)
    if (!etag.includes('-')) assert.equal(md5Of(bytes), etag, key)
  }
  return store
}

function namesIn({ unproved }: RepairReport): readonly string[] {
  return unproved.flatMap(({ name }) => (name === undefined ? [] : [name.key])).toSorted()
}

async function uploadInParts(store: DiskStore, key: string, parts: readonly Buffer[]) {
  const upload = await store.uploads.begin(at(key), PLAIN)
  const references = []
  for (const [index, bytes] of parts.entries()) {
    const name = { ...upload, partNumber: index + 1 }
    const { partNumber, etag } = await store.uploads.putPart(name, bodyOf(bytes), CHANGE)
    references.push({ partNumber, etag })
  }
  return { upload: upload as UploadName, references }
}

test('all that lies in segments and files is rebuilt without a backup', async (context) => {
  const large = noise(6_000_000)
  const { folder } = await loseCatalog(context, async (store) => {
    await createBucket(store)
    const tags = [['colour', 'blue']] as const
    await put(store, 'segment', { content: noise(50_000), tags, metadata: [['a', 'b']] })
    await put(store, 'file', { content: noise(2_000_000), headers: { contentType: 'image/png' } })
    await put(store, 'overwritten', noise(60_000, 1))
    await put(store, 'overwritten', noise(60_000, 2))
    await put(store, 'overwritten large', noise(600_000, 1))
    await put(store, 'overwritten large', noise(600_000, 2))
    await put(store, 'deleted', noise(70_000))
    await put(store, 'deleted large', noise(700_000))
    await remove(store, at('deleted'))
    await remove(store, at('deleted large'))
    await store.objects.copy(at('file'), at('copy'), { ...PLAIN })
    const parts = [large, noise(50_000)]
    const { upload, references } = await uploadInParts(store, 'model', parts)
    await store.uploads.complete(upload, references, CHANGE)
    await store.objects.copy(at('model'), at('model copy'), { ...PLAIN })
    assert.ok(store.commits !== undefined)
    const body = await store.commits.prepare(BUCKET, bodyOf(noise(90_000)), CHANGE)
    const { origin: _, ...options } = PLAIN
    await store.commits.commit([{ kind: 'put', name: at('committed'), body, options }], CHANGE)
    await store.maintenance.compact(FAST)
  })
  const report = await repair(folder)
  assert.equal(report.buckets, 1)
  assert.equal(report.fromBackup, 0)
  // Their bytes are shared with a copy, so whether they were deleted cannot be seen.
  assert.deepEqual(namesIn(report), ['file'])
  const store = await openRepaired(context, folder)
  assert.deepEqual(await listKeys(store), [
    'committed',
    'copy',
    'file',
    'model',
    'model copy',
    'overwritten',
    'overwritten large',
    'segment',
  ])
  assert.ok((await read(store, at('overwritten'))).equals(noise(60_000, 2)))
  assert.ok((await read(store, at('overwritten large'))).equals(noise(600_000, 2)))
  assert.ok((await read(store, at('model'))).equals(Buffer.concat([large, noise(50_000)])))
  const { version, parts } = await store.objects.head(at('model copy'), {})
  assert.match(version.etag, /^[0-9a-f]{32}-2$/)
  assert.equal(parts.length, 2)
  const segment = await store.objects.head(at('segment'), {})
  assert.deepEqual(segment.version.tags, [['colour', 'blue']])
  assert.deepEqual(segment.version.metadata, [['a', 'b']])
  const file = await store.objects.head(at('file'), {})
  assert.equal(file.version.headers.contentType, 'image/png')
  assert.equal((await readChanges(store)).at(-1)?.operation, 'Gap')
  await put(store, 'after', noise(80_000))
  assert.ok((await read(store, at('after'))).equals(noise(80_000)))
})

test('versions come back in their order', async (context) => {
  let before: readonly string[] = []
  const { folder } = await loseCatalog(context, async (store) => {
    await createBucket(store)
    await put(store, 'key', noise(5000, 1))
    await setVersioning(store, 'enabled')
    for (const seed of [2, 3, 4]) await put(store, 'key', noise(5000 * seed * seed * seed, seed))
    before = await listVersionIds(store)
  })
  const report = await repair(folder)
  assert.equal(report.versions, 4)
  assert.ok(report.unproved.some(({ message }) => /rebuilt.*enabled/.test(message)))
  const store = await openRepaired(context, folder)
  assert.deepEqual(await listVersionIds(store), before)
  assert.ok((await read(store, at('key'))).equals(noise(320_000, 4)))
  assert.ok((await read(store, at('key', 'null'))).equals(noise(5000, 1)))
})

test('what lay in the catalog alone comes from the backup, and is named', async (context) => {
  let after: readonly string[] = []
  const { folder, backup } = await loseCatalog(context, async (store, target) => {
    await createBucket(store)
    await setVersioning(store, 'enabled')
    await put(store, 'small', 'small')
    await put(store, 'large', noise(400_000))
    await put(store, 'deleted later', noise(90_000))
    await put(store, 'hidden', noise(91_000))
    await remove(store, at('hidden'))
    await store.objects.update(at('large'), { kind: 'tags', tags: [['k', 'v']] }, CHANGE)
    await store.documents.put(BUCKET, { name: 'policy', content: '{"p":1}' }, CHANGE)
    await store.maintenance.backup(target, FAST)
    await put(store, 'large', noise(500_000))
    await put(store, 'new', noise(100_000))
    await put(store, 'new and small', 'lost')
    const { versions } = await store.objects.listVersions(BUCKET, { limit: 1000 })
    const gone = versions.find(({ key }) => key === 'deleted later')
    await remove(store, at('deleted later', gone?.versionId ?? ''))
    await store.maintenance.compact(FAST)
    after = await listVersionIds(store)
  })
  const report = await repair(folder, { backup })
  // One small object and one delete marker.
  assert.equal(report.fromBackup, 2)
  // A compaction has rewritten the segment that would show one of them as deleted.
  assert.deepEqual(namesIn(report), ['deleted later', 'hidden', 'small'])
  const store = await openRepaired(context, folder)
  const expected = after.filter((name) => !name.startsWith('new and small'))
  assert.deepEqual(await listVersionIds(store), expected)
  assert.equal((await read(store, at('small'))).toString(), 'small')
  assert.equal((await store.documents.find(BUCKET, 'policy'))?.content, '{"p":1}')
  const { versions } = await store.objects.listVersions(BUCKET, { limit: 1000 })
  const older = versions.filter(({ key }) => key === 'large')[1]
  assert.ok(older?.deleteMarker === false)
  assert.deepEqual(older.tags, [['k', 'v']])
})

test('an upload that was open when the backup was made goes on', async (context) => {
  let upload: UploadName | undefined
  const { folder, backup } = await loseCatalog(context, async (store, target) => {
    await createBucket(store)
    upload = await store.uploads.begin(at('model'), PLAIN)
    await store.maintenance.backup(target, FAST)
    const part = { ...upload, partNumber: 1 }
    await store.uploads.putPart(part, bodyOf(noise(40_000, 1)), CHANGE)
    await store.uploads.putPart(part, bodyOf(noise(40_000, 2)), CHANGE)
  })
  assert.ok(upload !== undefined)
  const report = await repair(folder, { backup })
  assert.equal(report.uploads, 1)
  const store = await openRepaired(context, folder)
  const { parts } = await store.uploads.listParts(upload, { limit: 10 })
  assert.deepEqual(
    parts.map(({ etag }) => etag),
    [md5Of(noise(40_000, 2))],
  )
  const etag = md5Of(noise(40_000, 2))
  await store.uploads.complete(upload, [{ partNumber: 1, etag }], CHANGE)
  assert.ok((await read(store, at('model'))).equals(noise(40_000, 2)))
})

test('bytes that nothing claims are set aside and named, never deleted', async (context) => {
  const { folder } = await loseCatalog(context, async (store) => {
    await createBucket(store)
    await put(store, 'object', noise(50_000))
    await uploadInParts(store, 'unfinished', [noise(300_000), noise(30_000)])
    const { upload, references } = await uploadInParts(store, 'torn', [noise(5_300_000), noise(10)])
    await store.uploads.complete(upload, references, CHANGE)
  })
  const report = await repair(folder)
  assert.equal(report.versions, 1)
  // Its last part lay in the catalog.
  assert.deepEqual(namesIn(report), ['torn'])
  const named = report.unproved.filter(({ message }) => message.includes('unclaimed'))
  assert.equal(named.length, 3)
  const unclaimed = join(folder, 'unclaimed')
  assert.equal((await readdir(join(unclaimed, 'files', '0'))).length, 2)
  assert.equal((await readdir(join(unclaimed, 'segments'))).length, 1)
  const store = await openRepaired(context, folder)
  assert.deepEqual(await listKeys(store), ['object'])
})

test('a repair needs the store to itself, and keeps the catalog that was there', async (context) => {
  const folder = await temporaryFolder(context)
  const store = await openDiskStore({ folder })
  await createBucket(store)
  await put(store, 'object', noise(50_000))
  await assert.rejects(repair(folder), { code: 'StoreInUse' })
  await store.close()
  await repair(folder)
  const names = await readdir(folder)
  assert.equal(names.filter((name) => name.startsWith('catalog.replaced-')).length, 1)
  const repaired = await openRepaired(context, folder)
  assert.deepEqual(await listKeys(repaired), ['object'])
  const nowhere = await temporaryFolder(context)
  await assert.rejects(repair(nowhere), { code: 'UnknownFormat' })
  assert.deepEqual(await readdir(nowhere), [])
})
