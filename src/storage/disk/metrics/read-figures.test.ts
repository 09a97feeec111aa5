// What an open store says of itself, at a real folder.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createRegistry, type Registry } from '../../../base/metrics/registry.ts'
import { createBucket, put } from '../../conformance/actions.ts'
import { noise } from '../../conformance/bytes.ts'
import { systemDisk } from '../bodies/disk.ts'
import { openDiskStore } from '../disk-store.ts'

const KEPT_BYTES = 100_000
const RESERVE_BYTES = 4096
const FAILING_DISK = {
  ...systemDisk,
  files: { ...systemDisk.files, sync: () => Promise.reject(new Error('I/O error')) },
}

async function collect(registry: Registry): Promise<(name: string) => number> {
  const figures = await registry.collect()
  return (name) => {
    const found = figures.find(({ family }) => family.name === name) ?? assert.fail(name)
    return found.samples.reduce((sum, { value }) => sum + value, 0)
  }
}

test('a store measures commits, syncs, segments and space', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  const registry = createRegistry((error) => assert.fail(String(error)))
  const store = await openDiskStore({ folder, meter: registry, reserveBytes: RESERVE_BYTES })
  context.after(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  const before = await collect(registry)
  assert.equal(before('coffer_segments_size_bytes'), 0)

  await createBucket(store)
  await put(store, 'key', noise(KEPT_BYTES))

  const after = await collect(registry)
  const grown = (name: string): number => after(name) - before(name)
  assert.ok(grown('coffer_group_commit_writes') >= 2)
  assert.ok(grown('coffer_group_commit_duration_seconds') > 0)
  assert.ok(grown('coffer_body_sync_duration_seconds') > 0)
  assert.ok(grown('coffer_body_written_bytes_total') > KEPT_BYTES)
  assert.equal(after('coffer_segments'), 1)
  assert.ok(after('coffer_segments_live_bytes') > KEPT_BYTES)
  assert.ok(after('coffer_segments_size_bytes') >= after('coffer_segments_live_bytes'))
  assert.ok(after('coffer_disk_size_bytes') > after('coffer_disk_free_bytes'))
  assert.equal(after('coffer_disk_reserve_bytes'), RESERVE_BYTES)
  assert.ok(after('coffer_catalog_size_bytes') > 0)
  assert.equal(after('coffer_store_writable'), 1)

  await store.maintenance.compact()
  const compacted = await registry.collect()
  const counts = compacted.find(({ family }) => family.name === 'coffer_compactions_total')
  assert.deepEqual(
    counts?.samples.map(({ labels, value }) => [labels['outcome'], value]),
    [
      ['done', 1],
      ['failed', 0],
      ['stopped', 0],
    ],
  )
})

test('after a sync that failed, a store says that it takes no writes', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  const registry = createRegistry((error) => assert.fail(String(error)))
  const store = await openDiskStore({ folder, meter: registry, disk: FAILING_DISK })
  context.after(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  await createBucket(store)
  assert.ok(store.isWritable())
  await assert.rejects(put(store, 'key', noise(KEPT_BYTES)), { code: 'StoreFailed' })
  assert.ok(!store.isWritable())
  assert.equal((await collect(registry))('coffer_store_writable'), 0)
})
