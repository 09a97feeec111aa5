import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSeededRandom } from '../../../base/random.ts'
import type { Body, ByteStream } from '../../body.ts'
import type { ByteRange } from '../../range.ts'
import type { DiskBodies, OpenBodiesOptions, StoredBody } from './bodies.ts'
import { createBufferPool } from './buffer-pool.ts'
import { systemDisk } from './disk.ts'
import { openBodies } from './open-bodies.ts'
import { filePath, segmentPath } from './paths.ts'

const KIB = 1024
const MIB = 1024 * KIB

const random = createSeededRandom(20_261_120)

type Opening = Partial<OpenBodiesOptions>

async function openFresh(context: TestContext, options: Opening = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-bodies-'))
  context.after(() => rm(folder, { recursive: true }))
  const { bodies, failures } = await openAt(folder, options)
  context.after(() => bodies.close())
  return { folder, bodies, failures }
}

async function openAt(folder: string, options: Opening = {}) {
  const failures: Error[] = []
  const bodies = await openBodies({
    folder,
    fail: (error) => failures.push(error),
    // Whoever reads a buffer after giving it back reads poison, which no test expects.
    pool: createBufferPool({ idleBytes: 64 * MIB, poison: true }),
    ...options,
  })
  return { bodies, failures }
}

/**
 * A body whose chunks all lie in one buffer, as those of a socket may: each is gone at the next.
 */
function bodyOf(content: Uint8Array, options: { sized?: boolean; chunkBytes?: number } = {}): Body {
  const { sized = true, chunkBytes = 50_000 } = options
  const chunk = Buffer.alloc(chunkBytes)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < content.length; start += chunkBytes) {
      const piece = content.subarray(start, start + chunkBytes)
      chunk.fill(0xee)
      chunk.set(piece)
      yield chunk.subarray(0, piece.length)
    }
    chunk.fill(0xee)
  }
  return {
    bytes: pieces(),
    size: sized ? content.length : undefined,
    digest: () => ({ size: content.length, md5: 'unused', checksum: undefined }),
  }
}

async function store(bodies: DiskBodies, id: bigint, body: Uint8Array | Body) {
  const written = await bodies.write(id, body instanceof Uint8Array ? bodyOf(body) : body)
  await written.seal({ id: id.toString(16) })
  return written.stored
}

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    // A chunk belongs to its consumer until the next call.
    chunk.fill(0xcc)
  }
  return Buffer.concat(chunks)
}

async function listAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

function readAll(bodies: DiskBodies, body: StoredBody, range?: ByteRange): Promise<Buffer> {
  // Inline bytes are the catalog's, so a consumer that scribbles gets a copy.
  const { place } = body
  const own = place.kind === 'inline' ? { ...place, bytes: Uint8Array.from(place.bytes) } : place
  return collect(bodies.read({ ...body, place: own }, range ?? { start: 0, end: body.size }))
}

async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, offset)
  byte.writeUInt8(byte.readUInt8() ^ (1 << (offset % 8)))
  await file.write(byte, 0, 1, offset)
  await file.close()
}

const SIZES = [
  [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072],
  [256 * KIB, 256 * KIB + 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 70_000],
].flat()

test('bodies of every size come back, whether their size was announced or not', async (context) => {
  const { folder, bodies } = await openFresh(context)
  const contents = SIZES.flatMap((size) => [random.bytes(size), random.bytes(size)])
  const stored: StoredBody[] = []
  for (const [at, content] of contents.entries()) {
    const body = bodyOf(content, { sized: at % 2 === 0 })
    stored.push(await store(bodies, BigInt(at + 1), body))
  }
  assert.deepEqual(new Set(stored.map(({ place }) => place.kind)).size, 3)
  const again = await openAt(folder)
  context.after(() => again.bodies.close())
  for (const opened of [bodies, again.bodies]) {
    for (const [at, content] of contents.entries()) {
      assert.ok((await readAll(opened, stored[at]!)).equals(content), `${content.length} bytes`)
    }
  }
})

test('small bodies lie in the row, middling ones in a segment, large ones in a file', async (context) => {
  const { bodies } = await openFresh(context)
  const kindOf = async (size: number, sized: boolean): Promise<string> =>
    (
      await store(
        bodies,
        BigInt(size * 2) + (sized ? 1n : 0n),
        bodyOf(Buffer.alloc(size), { sized }),
      )
    ).place.kind
  for (const sized of [true, false]) {
    assert.equal(await kindOf(4096, sized), 'inline')
    assert.equal(await kindOf(4097, sized), 'segment')
    assert.equal(await kindOf(256 * KIB, sized), 'segment')
    assert.equal(await kindOf(256 * KIB + 1, sized), 'file')
  }
})

test('a range gives exactly its bytes', async (context) => {
  const { bodies } = await openFresh(context)
  for (const [at, size] of [3000, 200_000, MIB, 2 * MIB + 99_999].entries()) {
    const content = random.bytes(size)
    const body = await store(bodies, BigInt(at + 1), content)
    const edges = [0, 1, 65_535, 65_536, MIB - 1, MIB, MIB + 1, size - 1, size]
    for (const start of edges.filter((edge) => edge <= size)) {
      for (const end of edges.filter((edge) => edge >= start && edge <= size)) {
        const bytes = await readAll(bodies, body, { start, end })
        assert.ok(bytes.equals(content.subarray(start, end)), `${start}-${end} of ${size}`)
      }
    }
  }
})

test('a body that throws leaves nothing behind', async (context) => {
  const { folder, bodies } = await openFresh(context)
  for (const size of [1000, 100_000, 5 * MIB]) {
    const { size: _, ...rest } = bodyOf(Buffer.alloc(0))
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(size - 1)
      throw new Error('bad digest')
    }
    const body = { ...rest, bytes: broken(), size }
    await assert.rejects(bodies.write(7n, body), /bad digest/)
  }
  assert.deepEqual(await readdir(join(folder, 'segments')), [])
  assert.deepEqual(await readdir(join(folder, 'files', '0')), [])
})

test('a discarded body is gone, and so is a released one; twice is once', async (context) => {
  const { folder, bodies } = await openFresh(context)
  const discarded = await bodies.write(1n, bodyOf(Buffer.alloc(MIB)))
  await discarded.seal({})
  await discarded.discard()
  const released = await store(bodies, 2n, Buffer.alloc(MIB))
  await bodies.release(2n, released.place)
  await bodies.release(2n, released.place)
  assert.deepEqual(await readdir(join(folder, 'files', '0')), [])

  const inSegment = await store(bodies, 3n, Buffer.alloc(10_000))
  await bodies.release(3n, inSegment.place)
  await bodies.release(3n, inSegment.place)
  const [entry] = await listAll(bodies.segments.scan(1))
  assert.ok(entry?.kind === 'entry' && entry.dead)
})

test('a body that is sealed again has the new record, and only that', async (context) => {
  const { bodies } = await openFresh(context)
  const content = random.bytes(MIB)
  const file = await bodies.write(1n, bodyOf(content))
  for (const record of [{ round: 1, more: 'x'.repeat(5000) }, { round: 2 }]) {
    await file.seal(record)
    assert.deepEqual(await bodies.files.inspect(1n), { size: MIB, record })
    assert.ok((await readAll(bodies, file.stored)).equals(content))
  }

  const entry = await bodies.write(2n, bodyOf(content.subarray(0, 9000)))
  await entry.seal({ round: 1 })
  await entry.seal({ round: 2 })
  const scanned = await listAll(bodies.segments.scan(1))
  const alive = scanned.filter((found) => found.kind === 'entry' && !found.dead)
  assert.equal(scanned.length, 2)
  assert.equal(alive.length, 1)
  assert.ok(alive[0]?.kind === 'entry')
  assert.deepEqual(alive[0].record, { round: 2 })
  assert.deepEqual(alive[0].stored, entry.stored)
  assert.ok((await readAll(bodies, entry.stored)).equals(content.subarray(0, 9000)))
})

test('many writers share syncs, and each finds its own bytes', async (context) => {
  let syncs = 0
  const files = {
    ...systemDisk.files,
    sync: (fd: number) => {
      syncs++
      return systemDisk.files.sync(fd)
    },
  }
  const disk = { ...systemDisk, files }
  const { bodies } = await openFresh(context, { disk, segmentBytes: MIB })
  const contents = Array.from({ length: 300 }, (_, at) => random.bytes(5000 + at * 50))
  const stored = await Promise.all(contents.map((body, at) => store(bodies, BigInt(at + 1), body)))
  for (const [at, content] of contents.entries()) {
    assert.ok((await readAll(bodies, stored[at]!)).equals(content))
  }
  assert.ok(syncs < 40, `${syncs} syncs`)
  assert.ok((await bodies.segments.list()).length > 1, 'segments are followed by new ones')
})

test('segments are not continued after a restart, whatever their end looks like', async (context) => {
  const { folder, bodies } = await openFresh(context)
  const content = random.bytes(20_000)
  const first = await store(bodies, 1n, content)
  const torn = await store(bodies, 2n, content)
  await bodies.close()
  assert.ok(torn.place.kind === 'segment')
  await truncate(segmentPath(folder, 1), torn.place.offset + 15_000)

  const again = await openAt(folder)
  context.after(() => again.bodies.close())
  const second = await store(again.bodies, 3n, content)
  assert.ok(second.place.kind === 'segment')
  assert.equal(second.place.segment, 2)
  assert.ok((await readAll(again.bodies, first)).equals(content))
  await assert.rejects(readAll(again.bodies, torn), { code: 'Damaged' })
  const { offset } = torn.place
  assert.deepEqual((await listAll(again.bodies.segments.scan(1))).at(-1), {
    kind: 'gap',
    offset,
    length: 15_000,
  })
})

test('a scan finds entries behind a damaged one, and takes no bytes of a user for entries', async (context) => {
  const { folder, bodies } = await openFresh(context)
  await store(bodies, 1n, random.bytes(5000))
  const decoy = await readFile(segmentPath(folder, 1))
  const padded = Buffer.concat([Buffer.alloc(16), decoy])
  const hiding = await store(bodies, 2n, padded)
  await store(bodies, 3n, random.bytes(5000))
  assert.ok(hiding.place.kind === 'segment')
  await flip(segmentPath(folder, 1), hiding.place.offset + 9)
  const scanned = await listAll(bodies.segments.scan(1))
  // The decoy is a true copy of this very segment, salt included, so its entry is found: as a body
  // that the catalog does not place there. No user ever sees a salt.
  assert.deepEqual(
    scanned.map((entry) => (entry.kind === 'entry' ? entry.stored.id : 'gap')),
    [1n, 'gap', 1n, 'gap', 3n],
  )

  const other = await openFresh(context)
  await store(other.bodies, 1n, random.bytes(5000))
  const foreign = await store(other.bodies, 2n, padded)
  await store(other.bodies, 3n, random.bytes(5000))
  assert.ok(foreign.place.kind === 'segment')
  await flip(segmentPath(other.folder, 1), foreign.place.offset + 9)
  const rescanned = await listAll(other.bodies.segments.scan(1))
  assert.deepEqual(
    rescanned.map((entry) => (entry.kind === 'entry' ? entry.stored.id : 'gap')),
    [1n, 'gap', 3n],
  )
})

test('moving an entry copies it with its record, and its segment can go under a reader', async (context) => {
  const { bodies } = await openFresh(context, { segmentBytes: 10_000 })
  const content = random.bytes(30_000)
  const before = await store(bodies, 1n, content)
  const manifest = await bodies.writeManifest({ upload: 'x' }, 9n)
  const place = await bodies.segments.move(before)
  const manifestPlace = await bodies.segments.move({ id: 9n, size: 0, place: manifest })
  assert.ok(place.kind === 'segment' && manifestPlace.kind === 'segment')
  assert.notEqual(place.segment, 1)
  await bodies.segments.remove(1)
  await bodies.segments.remove(1)
  assert.ok((await readAll(bodies, { ...before, place })).equals(content))
  await assert.rejects(readAll(bodies, before), { code: 'Damaged' })
  const scanned = await listAll(bodies.segments.scan(manifestPlace.segment))
  const found = scanned.find((entry) => entry.kind === 'entry' && entry.manifest)
  assert.ok(found?.kind === 'entry')
  assert.deepEqual(found.record, { upload: 'x' })
})

test('a stream that nobody started gives everything back when it is returned', async (context) => {
  const { bodies } = await openFresh(context)
  const body = await store(bodies, 1n, random.bytes(5 * MIB))
  const before = (await readdir('/proc/self/fd')).length
  for (const steps of [0, 1, 3]) {
    const stream = bodies.read(body, { start: 0, end: body.size })
    for (let step = 0; step < steps; step++) await stream.next()
    await stream.return()
    assert.deepEqual(await stream.next(), { done: true, value: undefined })
  }
  const racing = bodies.read(body, { start: 0, end: body.size })
  await Promise.all([racing.next(), racing.return()])
  assert.equal((await readdir('/proc/self/fd')).length, before)
})

test('every flipped bit in a payload or its checksums is damage, in whole reads and in ranges', async (context) => {
  const { folder, bodies } = await openFresh(context)
  const sizes = [60_000, 250_000, 700_000, 2_500_000]
  const dice = (limit: number): number => Buffer.from(random.bytes(4)).readUInt32BE() % limit
  let found = 0
  for (const [at, size] of sizes.entries()) {
    const body = await store(bodies, BigInt(at + 1), random.bytes(size))
    const { place } = body
    const isFile = place.kind === 'file'
    const path =
      place.kind === 'segment' ? segmentPath(folder, place.segment) : filePath(folder, body.id)
    const start = place.kind === 'segment' ? place.offset + 48 : 0
    for (let round = 0; round < 25; round++) {
      const offset = dice(size + 4 * Math.ceil(size / 65_536))
      await flip(path, start + offset)
      await assert.rejects(readAll(bodies, body), { code: 'Damaged' })
      if (offset < size && isFile) {
        const range = { start: Math.max(0, offset - 1), end: Math.min(size, offset + 1) }
        await assert.rejects(readAll(bodies, body, range), { code: 'Damaged' })
      }
      found++
      await flip(path, start + offset)
    }
    assert.equal((await readAll(bodies, body)).length, size)
  }
  const inline = await store(bodies, 99n, random.bytes(4000))
  assert.ok(inline.place.kind === 'inline')
  inline.place.bytes[dice(4000)]! ^= 4
  await assert.rejects(readAll(bodies, inline), { code: 'Damaged' })
  assert.equal(found, 100)
})

test('a file that is too short or missing is damage', async (context) => {
  const { folder, bodies } = await openFresh(context)
  const body = await store(bodies, 1n, random.bytes(2 * MIB))
  await truncate(filePath(folder, 1n), MIB)
  await assert.rejects(readAll(bodies, body), { code: 'Damaged' })
  await rm(filePath(folder, 1n))
  await assert.rejects(readAll(bodies, body), { code: 'Damaged', message: /missing.*scrub/ })
})

test('files are listed from an id on, and an unfinished one says so', async (context) => {
  const { folder, bodies } = await openFresh(context)
  for (const id of [5n, 4095n, 4096n, 9000n]) await store(bodies, id, Buffer.alloc(300_000))
  const listed = async (floor: bigint): Promise<readonly bigint[]> =>
    (await listAll(bodies.files.list(floor))).toSorted((one, other) => (one < other ? -1 : 1))
  assert.deepEqual(await listed(0n), [5n, 4095n, 4096n, 9000n])
  assert.deepEqual(await listed(4095n), [4095n, 4096n, 9000n])
  assert.deepEqual(await listed(4097n), [9000n])
  await truncate(filePath(folder, 9000n), 100_000)
  assert.equal(await bodies.files.inspect(9000n), undefined)
})
