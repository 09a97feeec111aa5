import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { at, createBucket, put, read, remove } from '../../conformance/actions.ts'
import { noise } from '../../conformance/bytes.ts'
import type { ScrubEvent } from '../../maintenance.ts'
import type { Disk } from '../bodies/disk.ts'
import { systemDisk } from '../bodies/disk.ts'
import { type DiskStore, type DiskStoreOptions, openDiskStore } from '../disk-store.ts'

const SEGMENT_BYTES = 200_000
const FAST = { bytesPerSecond: 1e12 }

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-compact-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

async function openAt(
  context: TestContext,
  folder: string,
  options: Partial<DiskStoreOptions> = {},
): Promise<DiskStore> {
  const store = await openDiskStore({ folder, segmentBytes: SEGMENT_BYTES, ...options })
  context.after(() => store.close())
  return store
}

/** Objects of the size that goes to segments, of which three in four are deleted again. */
async function fill(store: DiskStore, count: number): Promise<void> {
  await fillWith(store, count)
  const deleted = range(0, count).filter((key) => key % 4 !== 0)
  await removeAll(store, deleted)
  await garbageIsFreed()
}

async function fillWith(store: DiskStore, count: number): Promise<void> {
  await createBucket(store)
  await Promise.all(range(0, count).map((key) => put(store, `${key}`, contentOf(key))))
}

async function removeAll(store: DiskStore, keys: readonly number[]): Promise<void> {
  await Promise.all(keys.map((key) => remove(store, at(`${key}`))))
}

/** The removal of bodies goes on behind the answers to deletes. */
async function garbageIsFreed(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
}

/** Everything was deleted, so in the end nothing is left; on a busy machine the end comes later. */
async function compactToNothing(store: DiskStore): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await garbageIsFreed()
    const { totalBytes } = await store.maintenance.compact(FAST)
    if (totalBytes === 0) return
    assert.ok(attempt < 50, `${totalBytes} bytes are left`)
  }
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset)
}

function contentOf(key: number): Buffer {
  return noise(5000 + key * 100, key + 1)
}

async function assertFilled(store: DiskStore, count: number): Promise<void> {
  for (let key = 0; key < count; key += 4) {
    assert.ok((await read(store, at(`${key}`))).equals(contentOf(key)), `key ${key}`)
  }
}

async function scrubAll(store: DiskStore): Promise<readonly ScrubEvent[]> {
  const events: ScrubEvent[] = []
  for await (const event of store.maintenance.scrub(FAST)) events.push(event)
  return events
}

async function assertClean(store: DiskStore): Promise<void> {
  const events = await scrubAll(store)
  assert.deepEqual(
    events.filter(({ event }) => event === 'finding'),
    [],
  )
}

test('after a compaction segments take little more than what lives in them', async (context) => {
  const folder = await temporaryFolder(context)
  const store = await openAt(context, folder)
  await fill(store, 200)
  const before = (await readdir(join(folder, 'segments'))).length
  const report = await store.maintenance.compact(FAST)
  assert.ok(report.liveBytes > 600_000, `${report.liveBytes} live`)
  assert.ok(report.totalBytes <= report.liveBytes * 1.3, JSON.stringify(report))
  assert.ok(report.segmentsRemoved > 5 && report.bytesFreed > 1_000_000)
  assert.ok((await readdir(join(folder, 'segments'))).length < before)
  await assertFilled(store, 200)
  await assertClean(store)
  const again = await store.maintenance.compact(FAST)
  assert.equal(again.bytesMoved, 0, 'nothing is left to move')
  await store.close()
  const reopened = await openAt(context, folder)
  await assertFilled(reopened, 200)
})

test('a store that is emptied gives all its segments back', async (context) => {
  const folder = await temporaryFolder(context)
  const store = await openAt(context, folder)
  await fillWith(store, 50)
  await removeAll(store, range(0, 50))
  await compactToNothing(store)
  await put(store, 'after', contentOf(1))
  assert.ok((await read(store, at('after'))).equals(contentOf(1)))
  await store.maintenance.compact(FAST)
  assert.equal((await readdir(join(folder, 'segments'))).length, 1)
})

test('writes, deletes and reads go on during compactions, and lose nothing', async (context) => {
  const store = await openAt(context, await temporaryFolder(context))
  await createBucket(store)
  const contents = new Map<string, Buffer>()
  const writing = new AbortController()
  let moved = 0
  const compactor = (async () => {
    while (!writing.signal.aborted) moved += (await store.maintenance.compact(FAST)).bytesMoved
  })()
  const writer = async (name: number): Promise<void> => {
    for (let round = 0; round < 120; round++) {
      const key = `${name}-${round % 12}`
      if (round % 5 === 4) {
        await remove(store, at(key))
        contents.delete(key)
      } else {
        const content = noise(4500 + ((round * 977) % 40_000), name * 1000 + round)
        await put(store, key, content)
        contents.set(key, content)
        assert.ok((await read(store, at(key))).equals(content), `${key} just written`)
      }
    }
  }
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(writer))
  writing.abort()
  await compactor
  assert.ok(moved > 0, 'something was moved meanwhile')
  for (const [key, content] of contents) {
    assert.ok((await read(store, at(key))).equals(content), key)
  }
  await store.maintenance.compact(FAST)
  await assertClean(store)
})

test('a reader that began before a compaction reads to its end', async (context) => {
  const store = await openAt(context, await temporaryFolder(context))
  await fillWith(store, 40)
  const { bytes } = await store.objects.get(at('1'), {})
  await removeAll(store, range(2, 40))
  assert.ok((await store.maintenance.compact(FAST)).segmentsRemoved > 0)
  assert.ok(Buffer.from((await bytes.next()).value ?? []).equals(contentOf(1)))
  await bytes.return()
})

test('a segment stays while someone reads what was deleted from it', async (context) => {
  const store = await openAt(context, await temporaryFolder(context))
  await fillWith(store, 20)
  const { bytes } = await store.objects.get(at('1'), {})
  await removeAll(store, range(0, 20))
  assert.equal((await store.maintenance.compact(FAST)).segmentsRemoved, 0)
  assert.ok(Buffer.from((await bytes.next()).value ?? []).equals(contentOf(1)))
  await bytes.return()
  await compactToNothing(store)
})

test('a kill at any step of a compaction loses nothing', async (context) => {
  const folder = await temporaryFolder(context)
  const images = await temporaryFolder(context)
  let taken = 0
  let armed = false
  // What a kill leaves behind is what lies in the folder when the next call would be made. No
  // commit of the catalog is under way then, for compaction waits for each.
  const takeImage = async (): Promise<void> => {
    if (armed) await cp(folder, join(images, `${taken++}`), { recursive: true })
  }
  const store = await openAt(context, folder, { disk: beforeEachChange(takeImage) })
  await fill(store, 60)
  armed = true
  await store.maintenance.compact(FAST)
  armed = false
  await takeImage()
  assert.ok(taken >= 10, `${taken} images`)
  for (let image = 0; image < taken; image++) {
    const survivor = await openDiskStore({ folder: join(images, `${image}`) })
    await assertFilled(survivor, 60)
    await survivor.maintenance.compact(FAST)
    await assertFilled(survivor, 60)
    await assertClean(survivor)
    await survivor.close()
  }
})

function beforeEachChange(act: () => Promise<void>): Disk {
  const { files, folders } = systemDisk
  return {
    files: {
      ...files,
      write: async (fd, buffers, position) => {
        await act()
        await files.write(fd, buffers, position)
      },
      sync: async (fd) => {
        await act()
        await files.sync(fd)
      },
      truncate: async (fd, sizeBytes) => {
        await act()
        await files.truncate(fd, sizeBytes)
      },
    },
    folders: {
      ...folders,
      removeFile: async (path) => {
        await act()
        await folders.removeFile(path)
      },
    },
  }
}

test('a full disk puts a compaction off and breaks nothing', async (context) => {
  let full = false
  const disk: Disk = {
    ...systemDisk,
    files: {
      ...systemDisk.files,
      async write(...call) {
        if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        await systemDisk.files.write(...call)
      },
    },
  }
  const store = await openAt(context, await temporaryFolder(context), { disk })
  await fill(store, 60)
  full = true
  await assert.rejects(store.maintenance.compact(FAST), { code: 'StorageFull' })
  full = false
  await assertFilled(store, 60)
  await store.maintenance.compact(FAST)
  await assertFilled(store, 60)
  await assertClean(store)
})

test('a compaction keeps to its budget, and can be stopped', async (context) => {
  const store = await openAt(context, await temporaryFolder(context))
  await fill(store, 60)
  const startedAt = performance.now()
  const { bytesMoved } = await store.maintenance.compact({ bytesPerSecond: 500_000 })
  const seconds = (performance.now() - startedAt) / 1000
  assert.ok((2 * bytesMoved) / seconds < 650_000, `${bytesMoved} bytes in ${seconds} s`)
  await assert.rejects(store.maintenance.compact({ signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
})
