import assert from 'node:assert/strict'
import { mkdir, mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { at, BUCKET, CHANGE, createBucket, PLAIN, put, read } from '../../conformance/actions.ts'
import { bodyOf, md5Of, noise } from '../../conformance/bytes.ts'
import { type DiskStore, openDiskStore } from '../disk-store.ts'
import { MANIFEST_FILE } from './backup-manifest.ts'
import { restore } from './restore.ts'

const FAST = { bytesPerSecond: 1e12 }
const SIZES = [100, 6000, 60_000, 300_000, 1_500_000]

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-backup-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

async function openFresh(context: TestContext): Promise<DiskStore> {
  const folder = await temporaryFolder(context)
  const store = await openDiskStore({ folder, segmentBytes: 200_000 })
  context.after(() => store.close())
  await createBucket(store)
  return store
}

async function openRestored(context: TestContext, backup: string): Promise<DiskStore> {
  const folder = join(await temporaryFolder(context), 'restored')
  await restore(backup, folder)
  const store = await openDiskStore({ folder })
  context.after(() => store.close())
  return store
}

/** Every object of the store is what its ETag says; gives their keys. */
async function readEverything(store: DiskStore): Promise<readonly string[]> {
  const { objects } = await store.objects.list(BUCKET, { limit: 1000 })
  for (const { key, etag } of objects) assert.equal(md5Of(await read(store, at(key))), etag, key)
  for await (const event of store.maintenance.scrub(FAST)) {
    assert.equal(event.event, 'summary', JSON.stringify(event))
  }
  return objects.map(({ key }) => key)
}

async function flip(path: string): Promise<void> {
  const { size } = await stat(path)
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, size >> 1)
  byte.writeUInt8(byte.readUInt8() ^ 16)
  await file.write(byte, 0, 1, size >> 1)
  await file.close()
}

test('a backup is restored with everything that was there', async (context) => {
  const store = await openFresh(context)
  for (const size of SIZES) await put(store, `of ${size}`, noise(size))
  const upload = await store.uploads.begin(at('parts'), PLAIN)
  const part = { ...upload, partNumber: 1 }
  const { etag } = await store.uploads.putPart(part, bodyOf(noise(9000)), CHANGE)
  await store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE)
  const backup = await temporaryFolder(context)
  const report = await store.maintenance.backup(backup, FAST)
  assert.equal(report.linkedFiles, 2)
  assert.ok(report.bytes > 1_800_000)

  const restored = await openRestored(context, backup)
  assert.deepEqual((await readEverything(restored)).length, SIZES.length)
  assert.equal((await restored.documents.find(BUCKET, 'policy'))?.content, '{}')
  await restored.uploads.complete(upload, [{ partNumber: 1, etag }], CHANGE)
  assert.ok((await read(restored, at('parts'))).equals(noise(9000)))
  await put(restored, 'after', noise(50_000))
  assert.ok((await read(restored, at('after'))).equals(noise(50_000)))
})

test('a backup of a store that is written to is one moment of it', async (context) => {
  const store = await openFresh(context)
  const done = new Set<number>()
  // Each writer stores pairs, the second after the first: no moment has the second of a pair alone,
  // or of two rounds.
  const writer = async (number: number): Promise<void> => {
    for (let round = 0; round < 16; round++) {
      const content = noise(SIZES[round % SIZES.length] ?? 0, round)
      await put(store, `${number}-first`, { content, metadata: [['round', `${round}`]] })
      await put(store, `${number}-second`, { content, metadata: [['round', `${round}`]] })
      if (round % 4 === 0) await store.objects.delete(at(`${number}-gone`), CHANGE)
      else await put(store, `${number}-gone`, content)
      if (round % 9 === 0) await store.maintenance.compact(FAST)
    }
    done.add(number)
  }
  const writers = [1, 2, 3].map(writer)
  const backups: string[] = []
  while (done.size < writers.length) {
    const backup = await temporaryFolder(context)
    await store.maintenance.backup(backup, FAST)
    backups.push(backup)
  }
  await Promise.all(writers)
  assert.ok(backups.length >= 3, `${backups.length} backups`)
  for (const backup of backups.slice(0, 8)) {
    const restored = await openRestored(context, backup)
    for (const key of await readEverything(restored)) {
      if (!key.endsWith('-second')) continue
      const rounds = [key, key.replace('second', 'first')].map(async (name) => {
        const { version } = await restored.objects.head(at(name), {})
        return Number(version.metadata[0]?.[1])
      })
      const [second, first] = await Promise.all(rounds)
      assert.ok(first === second || first === (second ?? NaN) + 1, `${second} and ${first}`)
    }
  }
})

test('what is done to the store later does not reach its backup', async (context) => {
  const store = await openFresh(context)
  for (const size of SIZES) await put(store, `of ${size}`, noise(size))
  const backup = await temporaryFolder(context)
  await store.maintenance.backup(backup, FAST)
  for (const size of SIZES) await store.objects.delete(at(`of ${size}`), CHANGE)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await store.maintenance.compact(FAST)
  const restored = await openRestored(context, backup)
  assert.equal((await readEverything(restored)).length, SIZES.length)
})

test('a backup or restore goes into an empty folder only', async (context) => {
  const store = await openFresh(context)
  const backup = await temporaryFolder(context)
  await store.maintenance.backup(backup, FAST)
  const occupied = await temporaryFolder(context)
  await writeFile(join(occupied, 'mine'), '')
  await assert.rejects(store.maintenance.backup(occupied), { code: 'InvalidArgument' })
  await assert.rejects(store.maintenance.backup(backup), { code: 'InvalidArgument' })
  await assert.rejects(restore(backup, occupied), { code: 'InvalidArgument' })
  assert.deepEqual(await readdir(occupied), ['mine'])
})

test('a backup that is damaged or was broken off is refused', async (context) => {
  const store = await openFresh(context)
  for (const size of SIZES) await put(store, `of ${size}`, noise(size))
  const makeBackup = async (): Promise<string> => {
    const backup = await temporaryFolder(context)
    await store.maintenance.backup(backup, FAST)
    return backup
  }
  const assertRefused = async (backup: string, code: string): Promise<void> => {
    const target = join(await temporaryFolder(context), 'target')
    await assert.rejects(restore(backup, target), { code })
    await mkdir(target, { recursive: true })
    if ((await readdir(target)).length === 0) return
    await assert.rejects(openDiskStore({ folder: target }), { code: 'UnknownFormat' })
  }
  const [segment] = await readdir(join(await makeBackup(), 'segments'))
  for (const path of ['catalog/data.mdb', `segments/${segment}`, MANIFEST_FILE]) {
    const backup = await makeBackup()
    await flip(join(backup, path))
    await assertRefused(backup, 'Damaged')
  }
  const cut = await makeBackup()
  await truncate(join(cut, MANIFEST_FILE), 200)
  await assertRefused(cut, 'Damaged')
  const bare = await makeBackup()
  await rm(join(bare, MANIFEST_FILE))
  await assertRefused(bare, 'UnknownFormat')
  // Last, for the file is the store's own too: both have it under a name.
  const linked = await makeBackup()
  const [folder] = await readdir(join(linked, 'files'))
  const [file] = await readdir(join(linked, 'files', `${folder}`))
  await flip(join(linked, 'files', `${folder}`, `${file}`))
  await assertRefused(linked, 'Damaged')
})
