import assert from 'node:assert/strict'
import type { ObjectStore, Upload } from '../object-store.ts'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  listKeys,
  ORIGIN,
  PLAIN,
  put,
  readChanges,
  readText,
} from './actions.ts'
import { bodyOf, noise } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

/** Every change that a store offers, under a signal. */
function changesUnder(
  store: ObjectStore,
  { upload, signal }: { readonly upload: Upload; readonly signal: AbortSignal },
): Readonly<Record<string, () => Promise<unknown>>> {
  const change = { origin: ORIGIN, signal }
  const described = { ...PLAIN, signal }
  const { buckets, objects, uploads, documents } = store
  return {
    create: () => buckets.create('other', { ...change, owner: 'alice', objectLock: false }),
    ...(store.capabilities.versions && {
      update: () => buckets.update(BUCKET, { versioning: 'enabled' }, change),
    }),
    deleteBucket: () => buckets.delete(BUCKET, change),
    put: () => objects.put(at('key'), bodyOf('lost'), described),
    tag: () => objects.update(at('key'), { kind: 'tags', tags: [['a', 'b']] }, change),
    copy: () => objects.copy(at('key'), at('copy'), described),
    delete: () => objects.delete(at('key'), change),
    abort: () => uploads.abort(upload, change),
    begin: () => uploads.begin(at('key'), described),
    putPart: () => uploads.putPart({ ...upload, partNumber: 1 }, bodyOf('lost'), change),
    document: () => documents.put(BUCKET, { name: 'cors', content: 'x' }, change),
  }
}

export const LIFE_TRUTHS: Truths = {
  'nothing is done for a caller who has given up already': async (store) => {
    await createBucket(store)
    await put(store, 'key', 'kept')
    const upload = await store.uploads.begin(at('key'), PLAIN)
    const before = await readChanges(store)
    const reason = new Error('nobody listens any more')
    const asked = changesUnder(store, { upload, signal: AbortSignal.abort(reason) })
    for (const [name, ask] of Object.entries(asked)) {
      await assert.rejects(ask(), (error) => error === reason, name)
    }
    const signal = AbortSignal.abort(reason)
    await assert.rejects(store.objects.get(at('key'), { signal }), (error) => error === reason)
    assert.deepEqual(await readChanges(store), before)
    assert.deepEqual(await listKeys(store), ['key'])
    const { uploads } = await store.uploads.list(BUCKET, { limit: 10 })
    assert.deepEqual(uploads, [upload])
    assert.deepEqual((await store.uploads.listParts(upload, { limit: 10 })).parts, [])
  },

  'a write whose caller gives up in the middle commits nothing': async (store) => {
    await createBucket(store)
    await put(store, 'key', 'kept')
    const before = await readChanges(store)
    for (const size of [10, 5000, 100_000, 600_000]) {
      const controller = new AbortController()
      const reason = new Error('gave up')
      const chunkBytes = Math.ceil(size / 4)
      const body = bodyOf(noise(size), { chunkBytes, onChunk: () => controller.abort(reason) })
      const attempt = store.objects.put(at('key'), body, { ...PLAIN, signal: controller.signal })
      await assert.rejects(attempt, (error) => error === reason, String(size))
    }
    assert.deepEqual(await readChanges(store), before)
    assert.equal(await readText(store, at('key')), 'kept')
  },

  'a closed store answers Closed, and can be closed again': async (store) => {
    await createBucket(store)
    await put(store, 'key')
    const upload = await store.uploads.begin(at('key'), PLAIN)
    await store.close()
    await store.close()
    const { signal } = new AbortController()
    const asked = {
      ...changesUnder(store, { upload, signal }),
      getBucket: () => store.buckets.get(BUCKET),
      listBuckets: () => store.buckets.list({ limit: 1 }),
      get: () => store.objects.get(at('key'), {}),
      head: () => store.objects.head(at('key'), {}),
      list: () => store.objects.list(BUCKET, { limit: 1 }),
      listVersions: () => store.objects.listVersions(BUCKET, { limit: 1 }),
      listUploads: () => store.uploads.list(BUCKET, { limit: 1 }),
      find: () => store.documents.find(BUCKET, 'cors'),
      ...(store.changes && { feedHead: () => store.changes?.head() ?? assert.fail() }),
      ...(store.commits && { commit: () => store.commits?.commit([], CHANGE) ?? assert.fail() }),
    }
    for (const ask of Object.values(asked)) await assertRefused(ask(), 'Closed')
  },

  'close waits for the writes that are under way, and what they answer is true': async (store) => {
    await createBucket(store)
    const writes = Array.from({ length: 16 }, (_, number) => put(store, `${number}`, noise(50_000)))
    const closed = store.close()
    for (const outcome of await Promise.allSettled(writes)) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'Closed')
    }
    await closed
  },

  'a reader of the feed that waits does not outlive the store': async (store) => {
    const { changes } = store
    if (changes === undefined) return
    const signal = new AbortController().signal
    const reader = changes.read(await changes.head(), signal)[Symbol.asyncIterator]()
    const next = reader.next()
    await store.close()
    const [outcome] = await Promise.allSettled([next])
    if (outcome.status === 'fulfilled') assert.equal(outcome.value.done, true)
    else assert.equal(outcome.reason.code, 'Closed')
  },
}
