/** Bodies when buffers are scarce: every byte is right, and every buffer comes back. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSeededRandom } from '../../src/base/random.ts'
import type { Body } from '../../src/storage/body.ts'
import type { DiskBodies, StoredBody } from '../../src/storage/disk/bodies/bodies.ts'
import { type BufferPool, createBufferPool } from '../../src/storage/disk/bodies/buffer-pool.ts'
import { openBodies } from '../../src/storage/disk/bodies/open-bodies.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SIZES = [5000, 65_536, 200 * KIB, 256 * KIB + 1, MIB, MIB + 1, 3 * MIB + 70_000]
const CHUNK_BYTES = 50_000
const random = createSeededRandom(5)

type Opened = { readonly bodies: DiskBodies; readonly pool: BufferPool }

/** With a pool that is tight as soon as a single buffer is in use. */
async function openTight(context: TestContext): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-bodies-'))
  context.after(() => rm(folder, { recursive: true }))
  const pool = createBufferPool({ idleBytes: 64 * MIB, busyBytes: 1, poison: true })
  const bodies = await openBodies({ folder, fail: assert.ifError, pool })
  context.after(() => bodies.close())
  return { bodies, pool }
}

function bodyOf(content: Uint8Array, failAt = Number.POSITIVE_INFINITY): Body {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < content.length; start += CHUNK_BYTES) {
      if (start >= failAt) throw new Error('cut off')
      yield content.subarray(start, start + CHUNK_BYTES)
    }
  }
  return {
    bytes: pieces(),
    size: content.length,
    digest: () => ({ size: content.length, md5: 'unused', checksum: undefined }),
  }
}

async function storeAll({ bodies }: Opened, contents: readonly Buffer[]): Promise<StoredBody[]> {
  return Promise.all(
    contents.map(async (content, at) => {
      const written = await bodies.write(BigInt(at + 1), bodyOf(content))
      await written.seal({ id: String(at + 1) })
      return written.stored
    }),
  )
}

test('bodies come back whole when every buffer is a small one', async (context) => {
  const opened = await openTight(context)
  const keepTight = opened.pool.take(1)
  const contents = SIZES.map((size) => Buffer.from(random.bytes(size)))
  const stored = await storeAll(opened, contents)
  for (const [at, content] of contents.entries()) {
    const body = stored[at] ?? assert.fail()
    const chunks: Buffer[] = []
    for await (const chunk of opened.bodies.read(body, { start: 1, end: body.size })) {
      assert.ok(chunk.length <= 65_536 || body.place.kind === 'segment')
      chunks.push(Buffer.from(chunk))
    }
    assert.ok(Buffer.concat(chunks).equals(content.subarray(1)), `${content.length} bytes`)
  }
  opened.pool.give(keepTight)
  assert.ok(!opened.pool.isTight(), 'a buffer was not given back')
})

test('every buffer comes back from bodies that are cut off, given up or read in part', async (context) => {
  const { bodies, pool } = await openTight(context)
  for (const [at, size] of SIZES.entries()) {
    const content = Buffer.from(random.bytes(size))
    const id = BigInt(10 * (at + 1))
    if (size > CHUNK_BYTES) {
      await assert.rejects(bodies.write(id, bodyOf(content, size / 2)), /cut off/)
    }
    const givenUp = await bodies.write(id + 1n, bodyOf(content))
    await givenUp.discard()
    const kept = await bodies.write(id + 2n, bodyOf(content))
    await kept.seal({ id: String(id) })
    const stream = bodies.read(kept.stored, { start: 0, end: size })
    await stream.next()
    await stream.return()
    await bodies.read(kept.stored, { start: 0, end: size }).return()
    assert.ok(!pool.isTight(), `a buffer of ${size} bytes was not given back`)
  }
})
