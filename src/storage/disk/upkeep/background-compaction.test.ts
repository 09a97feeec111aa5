import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { at, createBucket, put, read, remove } from '../../conformance/actions.ts'
import { noise } from '../../conformance/bytes.ts'
import { openDiskStore } from '../disk-store.ts'

const OBJECTS = 240
const OBJECT_BYTES = 200_000
/** One in so many is kept, so that far more is wasted than is worth leaving alone. */
const KEPT_EVERY = 4
const WITHIN_MS = 60_000
const ALLOWED_RATIO = 1.3

test('space of deleted bodies comes back by itself, while writes go on', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-background-'))
  context.after(() => rm(folder, { recursive: true }))
  const store = await openDiskStore({ folder, segmentBytes: 8 * 1024 * 1024 })
  context.after(() => store.close())
  await createBucket(store)
  const keys = Array.from({ length: OBJECTS }, (_, key) => key)
  await Promise.all(keys.map((key) => put(store, `${key}`, noise(OBJECT_BYTES, key + 1))))
  const kept = keys.filter((key) => key % KEPT_EVERY === 0)
  const deleted = keys.filter((key) => key % KEPT_EVERY !== 0)
  await Promise.all(deleted.map((key) => remove(store, at(`${key}`))))

  let written = 0
  const givenUpAt = performance.now() + WITHIN_MS
  const allowedBytes = (): number => (kept.length + written) * OBJECT_BYTES * ALLOWED_RATIO
  while ((await sizeOfSegments(folder)) > allowedBytes()) {
    assert.ok(performance.now() < givenUpAt, `${await sizeOfSegments(folder)} bytes are left`)
    await put(store, `later/${written}`, noise(OBJECT_BYTES, written + 1))
    written += 1
    await sleep(100)
  }

  for (const key of kept) {
    assert.ok((await read(store, at(`${key}`))).equals(noise(OBJECT_BYTES, key + 1)), `${key}`)
  }
  for (let place = 0; place < written; place += 1) {
    const found = await read(store, at(`later/${place}`))
    assert.ok(found.equals(noise(OBJECT_BYTES, place + 1)), `later/${place}`)
  }
})

async function sizeOfSegments(folder: string): Promise<number> {
  const segments = join(folder, 'segments')
  const sizes = (await readdir(segments)).map(async (name) => {
    // Compaction may remove it in between.
    const found = await stat(join(segments, name)).catch(() => undefined)
    return found?.size ?? 0
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
