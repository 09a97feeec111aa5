import assert from 'node:assert/strict'
import { copyFile, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSeededRandom } from '../../../base/random.ts'
import { at, BUCKET, CHANGE, createBucket, PLAIN, put, read } from '../../conformance/actions.ts'
import { bodyOf, noise } from '../../conformance/bytes.ts'
import type { Finding, ScrubSummary } from '../../maintenance.ts'
import { filePath, segmentPath } from '../bodies/paths.ts'
import { decodeName, decodeNumber, encodeName, encodeNumber } from '../catalog/key-encoding.ts'
import { decodeBlobRow, encodeBlobRow } from '../catalog/row-codecs.ts'
import type { BlobRow } from '../catalog/rows.ts'
import { openTables, type Tables } from '../catalog/tables.ts'
import { type DiskStore, type DiskStoreOptions, openDiskStore } from '../disk-store.ts'

const SEED = 20_261_120
const random = createSeededRandom(SEED)
const FAST = { bytesPerSecond: 1e12 }

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-scrub-'))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}

async function openAt(
  context: TestContext,
  folder: string,
  options: Partial<DiskStoreOptions> = {},
): Promise<DiskStore> {
  const store = await openDiskStore({ folder, ...options })
  context.after(() => store.close())
  return store
}

async function scrubAll(store: DiskStore) {
  const findings: Finding[] = []
  let summary: ScrubSummary | undefined
  for await (const event of store.maintenance.scrub(FAST)) {
    if (event.event === 'finding') findings.push(event)
    else summary = event
  }
  assert.ok(summary !== undefined, 'a scrub ends with its summary')
  return { findings, summary }
}

/** The keys that findings name, each once. */
function keysOf(findings: readonly Finding[]): readonly string[] {
  const keys = findings.flatMap(({ objects }) => objects.map(({ key }) => key))
  return [...new Set(keys)].toSorted()
}

/** Stores objects named by their numbers, all of about the given size, and closes the store. */
async function fill(folder: string, count: number, sizeBytes: number): Promise<void> {
  const store = await openDiskStore({ folder })
  await createBucket(store)
  for (const key of numbers(count)) await put(store, name(key), contentOf(key, sizeBytes))
  await store.close()
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, number) => number)
}

function name(number: number): string {
  return `object-${String(number).padStart(3, '0')}`
}

function contentOf(number: number, sizeBytes: number): Buffer {
  return noise(sizeBytes + number, number + 1)
}

function roll(limit: number): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() % limit
}

async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, offset)
  byte.writeUInt8(byte.readUInt8() ^ (1 << roll(8)))
  await file.write(byte, 0, 1, offset)
  await file.close()
}

type StoredRow = { readonly id: bigint; readonly row: BlobRow }

/** What the closed store's catalog says of its bodies. */
async function readBlobs(folder: string): Promise<readonly StoredRow[]> {
  return changeTables(folder, (tables) =>
    Array.from(tables.blobs.getRange({}), ({ key, value }) => ({
      id: decodeNumber(Buffer.from(key)),
      row: decodeBlobRow(value),
    })),
  )
}

async function changeTables<Result>(
  folder: string,
  change: (tables: Tables) => Result,
): Promise<Result> {
  const tables = openTables(join(folder, 'catalog'))
  try {
    return await tables.environment.transaction(() => change(tables))
  } finally {
    await tables.environment.close()
  }
}

test('a store in which nothing is wrong is found so', async (context) => {
  const store = await openAt(context, await temporaryFolder(context))
  await createBucket(store, 'enabled')
  for (const size of [0, 100, 5000, 300_000, 2_000_000]) await put(store, `of ${size}`, noise(size))
  await store.objects.copy(at('of 5000'), at('copy'), { ...PLAIN })
  await store.objects.delete(at('of 100'), CHANGE)
  const upload = await store.uploads.begin(at('parts'), PLAIN)
  const part = await store.uploads.putPart(
    { ...upload, partNumber: 1 },
    bodyOf(noise(9000)),
    CHANGE,
  )
  const { findings, summary } = await scrubAll(store)
  assert.deepEqual(findings, [])
  assert.equal(summary.versions, 7)
  assert.ok(summary.bytes >= 2_314_100)
  await store.uploads.complete(upload, [{ partNumber: 1, etag: part.etag }], CHANGE)
  assert.deepEqual((await scrubAll(store)).findings, [])
})

test(`flipped bits in bodies of the catalog are found on read and by scrub (${SEED})`, async (context) => {
  const folder = await temporaryFolder(context)
  await fill(folder, 60, 3000)
  const path = join(folder, 'catalog', 'data.mdb')
  const catalog = await readFile(path)
  const flipped = numbers(60).filter((number) => number % 2 === 0)
  for (const number of flipped) {
    const content = contentOf(number, 3000)
    // lmdb may have kept older pages too; the body is damaged where all of them are.
    const offset = roll(content.length)
    let start = catalog.indexOf(content)
    assert.notEqual(start, -1)
    for (; start !== -1; start = catalog.indexOf(content, start + 1)) {
      await flip(path, start + offset)
    }
  }
  const store = await openAt(context, folder)
  for (const number of numbers(60)) {
    if (flipped.includes(number)) {
      await assert.rejects(read(store, at(name(number))), { code: 'Damaged' })
    } else assert.ok((await read(store, at(name(number)))).equals(contentOf(number, 3000)))
  }
  const { findings, summary } = await scrubAll(store)
  assert.deepEqual(keysOf(findings), flipped.map(name))
  assert.deepEqual(summary.findings, { bytes: flipped.length })
})

test(`flipped bits anywhere in segments are found by scrub, and on read (${SEED})`, async (context) => {
  const folder = await temporaryFolder(context)
  await fill(folder, 80, 20_000)
  const flipped: string[] = []
  for (const [number, { row }] of (await readBlobs(folder)).entries()) {
    const { place, size } = row
    if (number % 2 === 0 || place.kind !== 'segment') continue
    // Anywhere in descriptor, bytes, checksums and record, but for the flags, which are a mere
    // hint.
    const offset =
      number % 3 === 0 ? 48 + size + 4 + roll(100) : (roll(40) + 7) * (number % 4 === 1 ? 1 : 400)
    await flip(segmentPath(folder, place.segment), place.offset + offset)
    flipped.push(name(number))
  }
  assert.equal(flipped.length, 40)
  const store = await openAt(context, folder)
  const { findings } = await scrubAll(store)
  assert.deepEqual(keysOf(findings), flipped)
  let refused = 0
  for (const number of numbers(80)) {
    const bytes = await read(store, at(name(number))).catch(() => undefined)
    if (bytes === undefined) refused += 1
    // A damaged record hides nothing and changes nothing of the bytes.
    else assert.ok(bytes.equals(contentOf(number, 20_000)))
  }
  assert.ok(refused >= 20, `${refused} refused`)
})

test(`flipped bits anywhere in files are found by scrub (${SEED})`, async (context) => {
  const folder = await temporaryFolder(context)
  await fill(folder, 30, 300_000)
  const flipped: string[] = []
  for (const [number, { id }] of (await readBlobs(folder)).entries()) {
    if (number % 2 === 0) continue
    const path = filePath(folder, id)
    const { length } = await readFile(path)
    const isEnd = number % 4 === 1
    const offset = isEnd ? length - 1 - roll(41) : roll(length - 48)
    await flip(path, offset)
    flipped.push(name(number))
  }
  await rm(filePath(folder, (await readBlobs(folder))[0]?.id ?? 0n))
  const store = await openAt(context, folder)
  const { findings, summary } = await scrubAll(store)
  assert.deepEqual(keysOf(findings), [name(0), ...flipped])
  assert.deepEqual(summary.findings, { bytes: flipped.length, missing: 1 })
  await assert.rejects(read(store, at(name(0))), { code: 'Damaged' })
})

test('rows that contradict one another are found', async (context) => {
  const folder = await temporaryFolder(context)
  await fill(folder, 10, 5000)
  const blobs = await readBlobs(folder)
  await changeTables(folder, (tables) => {
    const [miscounted, lost] = blobs
    assert.ok(miscounted !== undefined && lost !== undefined)
    const { id, row } = miscounted
    void tables.blobs.put(encodeNumber(id), encodeBlobRow({ ...row, references: 2 }))
    void tables.blobs.remove(encodeNumber(lost.id))
    const versions = [...tables.versions.getRange({})]
    assert.ok(versions[2] !== undefined)
    void tables.versions.put(Buffer.from(versions[2].key), Buffer.from('{"versionId":'))
    const [bucket] = [...tables.current.getRange({ limit: 1 })]
    assert.ok(bucket !== undefined)
    const bucketId = Buffer.from(bucket.key).readUInt32BE()
    void tables.current.remove(encodeName(bucketId, name(3)))
    const list = [...tables.current.getRange({})].find(({ key }) => decodeName(key) === name(4))
    assert.ok(list !== undefined)
    // Still JSON, but not what the version says.
    const wrong = Buffer.from(list.value.toString().replace('"size":50', '"size":51'))
    void tables.current.put(Buffer.from(list.key), wrong)
    const [change] = [...tables.changes.getRange({ limit: 1 })]
    assert.ok(change !== undefined)
    void tables.changes.put(Buffer.from(change.key), Buffer.from('{'))
  })
  const file = filePath(folder, 0xfffn)
  const other = await openDiskStore({ folder })
  await put(other, 'large', noise(300_000))
  await other.close()
  const large = (await readBlobs(folder)).find(({ row }) => row.place.kind === 'file')
  await copyFile(filePath(folder, large?.id ?? 0n), file)

  const store = await openAt(context, folder)
  const { findings, summary } = await scrubAll(store)
  // The row that cannot be read names a body that then counts one too many.
  assert.deepEqual(summary.findings, { row: 5, missing: 1, count: 2, leftover: 1 })
  assert.deepEqual(keysOf(findings), [name(1), name(2), name(3), name(4)])
})

test('a scrub of a store that is written to finds nothing wrong', async (context) => {
  const store = await openAt(context, await temporaryFolder(context), { segmentBytes: 200_000 })
  await createBucket(store)
  const done = new Set<string>()
  const writer = async (writerName: string): Promise<void> => {
    for (let round = 0; round < 60; round++) {
      const key = `${writerName}-${round % 10}`
      await put(store, key, noise([100, 6000, 60_000, 300_000][round % 4] ?? 0, round))
      await store.objects.copy(at(key), at(`${key}-copy`), { ...PLAIN })
      if (round % 3 === 0) await store.objects.delete(at(key), CHANGE)
      if (round % 7 === 0) await store.maintenance.compact(FAST)
    }
    done.add(writerName)
  }
  const writers = ['a', 'b', 'c'].map(writer)
  let scrubs = 0
  while (done.size < writers.length) {
    assert.deepEqual((await scrubAll(store)).findings, [])
    scrubs += 1
  }
  await Promise.all(writers)
  assert.ok(scrubs >= 5, `${scrubs} scrubs`)
  const { findings, summary } = await scrubAll(store)
  assert.deepEqual(findings, [])
  const { objects } = await store.objects.list(BUCKET, { limit: 1000 })
  assert.equal(summary.versions, objects.length)
})

test('a scrub ends when its store closes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-scrub-'))
  const store = await openDiskStore({ folder })
  await createBucket(store)
  for (const number of numbers(5)) await put(store, name(number), contentOf(number, 200_000))
  const scrubbing = (async () => {
    for await (const event of store.maintenance.scrub({ bytesPerSecond: 100_000 })) void event
  })()
  scrubbing.catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await store.close()
  await assert.rejects(scrubbing, { name: 'AbortError' })
  await rm(folder, { recursive: true })
})
