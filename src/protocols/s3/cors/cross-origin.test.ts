import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMemoryStore } from '../../../storage/memory/memory-store.ts'
import type { ObjectStore } from '../../../storage/object-store.ts'
import { Storage } from '../../../storage/storage.ts'
import { findCorsHeaders } from './cross-origin.ts'

/** A storage, and how often its documents were looked up. */
async function openCounting(): Promise<{
  readonly storage: Storage
  readonly lookUps: () => number
}> {
  const store: ObjectStore = await openMemoryStore()
  let count = 0
  const documents = {
    ...store.documents,
    find: (bucket: string, name: string) => {
      count += 1
      return store.documents.find(bucket, name)
    },
  }
  return { storage: new Storage({ ...store, documents }), lookUps: () => count }
}

test('a request without Origin looks nothing up, one with it looks up once', async () => {
  const { storage, lookUps } = await openCounting()
  const asked = { bucket: 'bucket', storage }
  assert.deepEqual(await findCorsHeaders({ method: 'GET', headers: {} }, asked), {})
  assert.equal(lookUps(), 0)
  const headers = { origin: ['http://a.example'] }
  assert.deepEqual(await findCorsHeaders({ method: 'GET', headers }, asked), {})
  assert.equal(lookUps(), 1)
  await storage.close()
})
