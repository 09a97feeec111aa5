import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { answerCalls } from '../../src/base/calls/callee.ts'
import { createCaller } from '../../src/base/calls/caller.ts'
import { storeConformance } from '../../src/storage/conformance/store-conformance.ts'
import type { ObjectStore } from '../../src/storage/object-store.ts'
import { storeCallees } from '../../src/storage/threads/store-callees.ts'
import { createStoreClient } from '../../src/storage/threads/store-client.ts'
import { STORE_ERRORS } from '../../src/storage/threads/store-errors.ts'
import { openDiskStore, type DiskStoreOptions } from '../../src/storage/disk/disk-store.ts'
import { openDiskReader } from '../../src/storage/disk/reader/disk-reader.ts'
import { pinOver } from '../../src/storage/disk/reader/pins.ts'

const folders = await mkdtemp(join(tmpdir(), 'coffer-threads-'))
after(() => rm(folders, { recursive: true }))

/** All that two threads do, over a channel within one. */
async function openThreaded(options: DiskStoreOptions): Promise<ObjectStore> {
  const store = await openDiskStore(options)
  const { port1: near, port2: far } = new MessageChannel()
  const caller = createCaller(near, STORE_ERRORS)
  const reader = openDiskReader({ folder: options.folder, pin: pinOver(caller) })
  const readerCallees = store.addReader((segment) => void reader.forgetSegment(segment))
  answerCalls(far, { ...storeCallees(store), ...readerCallees }, STORE_ERRORS)
  const client = createStoreClient({ caller, reader, capabilities: store.capabilities })
  return {
    ...client,
    async close() {
      await client.close()
      await store.close()
      near.close()
    },
  }
}

storeConformance('disk store over a channel', async (options) =>
  openThreaded({ ...options, folder: await mkdtemp(join(folders, 'store-')) }),
)
