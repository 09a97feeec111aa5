import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'node:test'
import { systemDisk } from './disk.ts'
import { createDurableFolders } from './durable-folders.ts'

type Sync = { readonly startedAt: number; readonly path: string }

/** A disk whose folder syncs take a while and are counted; the one with the given number fails. */
function slowDisk(failing?: number) {
  const syncs: Sync[] = []
  let time = 0
  const folders = {
    ...systemDisk.folders,
    make: async () => true,
    async sync(path: string) {
      syncs.push({ startedAt: time++, path })
      const number = syncs.length
      await sleep(5)
      if (number === failing) throw new Error('EIO')
    },
  }
  return { disk: { ...systemDisk, folders }, syncs, now: () => time++ }
}

test('many who wait for one folder share syncs that began after each of them asked', async () => {
  const { disk, syncs, now } = slowDisk()
  const folders = createDurableFolders(disk)
  const ask = async (delayMs: number): Promise<void> => {
    await sleep(delayMs)
    const askedAt = now()
    await folders.sync('/folder')
    assert.ok(syncs.some(({ startedAt }) => startedAt > askedAt))
  }
  await Promise.all(Array.from({ length: 100 }, (_, number) => ask(number / 10)))
  assert.ok(syncs.length <= 8, `${syncs.length} syncs`)
})

test('after a sync that failed none is tried for those who waited for it', async () => {
  const { disk, syncs } = slowDisk(1)
  const folders = createDurableFolders(disk)
  const results = await Promise.allSettled([1, 2, 3].map(() => folders.sync('/folder')))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.equal(syncs.length, 1)
})

test('a folder is made once, and its parent is synced before it counts as made', async () => {
  const { disk, syncs } = slowDisk()
  const folders = createDurableFolders(disk)
  await Promise.all([1, 2, 3].map(() => folders.ensure('/parent/child')))
  assert.deepEqual(
    syncs.map(({ path }) => path),
    ['/parent'],
  )
})
