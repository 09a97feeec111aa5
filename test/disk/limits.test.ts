/** Limits that would take 100,000 writes to reach, lowered for this process alone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createManualClock, type ManualClock } from '../../src/base/clock.ts'
import { CHANGE, createBucket, PLAIN } from '../../src/storage/conformance/actions.ts'
import { assertRefused } from '../../src/storage/conformance/truth.ts'
import { begin } from '../../src/storage/conformance/upload-actions.ts'
import { openDiskStore } from '../../src/storage/disk/disk-store.ts'
import { LIMITS } from '../../src/storage/limits.ts'
import { openMemoryStore } from '../../src/storage/memory/memory-store.ts'
import type { ObjectStore } from '../../src/storage/object-store.ts'

Object.assign(LIMITS, { openUploads: 3, buckets: 2 })

async function openBoth(context: TestContext, clock: ManualClock): Promise<readonly ObjectStore[]> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const stores = [await openDiskStore({ folder, clock }), await openMemoryStore({ clock })]
  for (const store of stores) context.after(() => store.close())
  return stores
}

test('openUploads of a bucket are refused beyond the limit, until one is given up', async (context) => {
  const clock = createManualClock(new Date())
  for (const store of await openBoth(context, clock)) {
    await createBucket(store)
    const [first] = [await begin(store), await begin(store), await begin(store)]
    await assertRefused(begin(store), 'TooManyUploads')
    await store.uploads.abort(first, CHANGE)
    clock.advance(1000)
    await begin(store)
    await assertRefused(begin(store), 'TooManyUploads')
  }
})

test('buckets are refused beyond the limit, until one is deleted', async (context) => {
  const clock = createManualClock(new Date())
  for (const store of await openBoth(context, clock)) {
    const create = (name: string): Promise<unknown> =>
      store.buckets.create(name, { ...PLAIN, owner: 'alice', objectLock: false })
    await Promise.all([create('one'), create('two')])
    await assertRefused(create('three'), 'TooManyBuckets')
    await store.buckets.delete('one', CHANGE)
    clock.advance(1000)
    await create('three')
  }
})
