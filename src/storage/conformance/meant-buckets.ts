import assert from 'node:assert/strict'
import type { Bucket, ChangeOptions, ObjectStore } from '../object-store.ts'
import { at, BUCKET, CHANGE, createBucket, PLAIN, put, readChanges, readText } from './actions.ts'
import { bodyOf } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

type Meant = Required<Pick<ChangeOptions, 'meantFor'>>

/** Every change that takes a bucket's name, made for the one that `meant` says. */
const CHANGES: Readonly<Record<string, (store: ObjectStore, meant: Meant) => Promise<unknown>>> = {
  put: (store, meant) => store.objects.put(at('new'), bodyOf('text'), { ...PLAIN, ...meant }),
  'put of a large body': (store, meant) =>
    store.objects.put(at('new'), bodyOf(Buffer.alloc(300_000)), { ...PLAIN, ...meant }),
  copy: (store, meant) => store.objects.copy(at('key'), at('new'), { ...PLAIN, ...meant }),
  update: (store, meant) =>
    store.objects.update(at('key'), { kind: 'tags', tags: [['a', 'b']] }, { ...CHANGE, ...meant }),
  delete: (store, meant) => store.objects.delete(at('key'), { ...CHANGE, ...meant }),
  'begin an upload': (store, meant) => store.uploads.begin(at('new'), { ...PLAIN, ...meant }),
  'put a document': (store, meant) =>
    store.documents.put(BUCKET, { name: 'policy', content: 'late' }, { ...CHANGE, ...meant }),
  'delete a document': (store, meant) =>
    store.documents.delete(BUCKET, 'policy', { ...CHANGE, ...meant }),
  'update the bucket': (store, meant) =>
    store.buckets.update(BUCKET, { versioning: 'enabled' }, { ...CHANGE, ...meant }),
  'delete the bucket': (store, meant) => store.buckets.delete(BUCKET, { ...CHANGE, ...meant }),
}

/** The bucket is another now, with an object and a document in it. Gives the one that it was. */
async function replaceBucket(store: ObjectStore): Promise<Bucket> {
  await createBucket(store)
  const before = await store.buckets.get(BUCKET)
  await store.buckets.delete(BUCKET, CHANGE)
  await store.buckets.create(BUCKET, { ...CHANGE, owner: 'bob', objectLock: false })
  await put(store, 'key', 'of bob')
  await store.documents.put(BUCKET, { name: 'policy', content: 'of bob' }, CHANGE)
  return before
}

async function assertUntouched(store: ObjectStore): Promise<void> {
  assert.equal(await readText(store, at('key')), 'of bob')
  assert.equal((await store.documents.find(BUCKET, 'policy'))?.content, 'of bob')
  assert.equal((await store.buckets.get(BUCKET)).versioning, 'unversioned')
  assert.equal((await store.objects.list(BUCKET, { limit: 10 })).objects.length, 1)
  assert.equal((await store.uploads.list(BUCKET, { limit: 10 })).uploads.length, 0)
  assert.deepEqual((await store.objects.head(at('key'), {})).version.tags, [])
}

export const MEANT_BUCKET_TRUTHS: Truths = {
  'no change reaches a bucket that has the name of the one it is meant for': async (store) => {
    const meantFor = await replaceBucket(store)
    const before = (await readChanges(store)).length
    for (const change of Object.values(CHANGES)) {
      await assertRefused(change(store, { meantFor }), 'NoSuchBucket', { bucket: BUCKET })
    }
    await assertUntouched(store)
    assert.equal((await readChanges(store)).length, before)
  },

  'a bucket that the same owner made anew is another, too': async (store, clock) => {
    await createBucket(store)
    const meantFor = await store.buckets.get(BUCKET)
    await store.buckets.delete(BUCKET, CHANGE)
    clock.advance(1)
    await createBucket(store)
    const putting = store.objects.put(at('key'), bodyOf('late'), { ...PLAIN, meantFor })
    await assertRefused(putting, 'NoSuchBucket')
  },

  'a change reaches the bucket that it is meant for, whatever changed in it': async (store) => {
    for (const [name, change] of Object.entries(CHANGES)) {
      await createBucket(store)
      await put(store, 'key')
      await store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE)
      const meantFor = await store.buckets.get(BUCKET)
      if (name === 'delete the bucket') await store.objects.delete(at('key'), CHANGE)
      await change(store, { meantFor })
      await forget(store)
    }
  },

  'it is compared when the body has come, at the commit': async (store) => {
    await createBucket(store)
    const meantFor = await store.buckets.get(BUCKET)
    const body = bodyOf('text', {
      async onChunk() {
        await store.buckets.delete(BUCKET, CHANGE)
        await store.buckets.create(BUCKET, { ...CHANGE, owner: 'bob', objectLock: false })
      },
    })
    await assertRefused(store.objects.put(at('key'), body, { ...PLAIN, meantFor }), 'NoSuchBucket')
    assert.deepEqual((await store.objects.list(BUCKET, { limit: 10 })).objects, [])
  },

  'a commit of many is meant for one bucket, and all of it is refused': {
    needs: ['atomicCommit'],
    proof: async (store) => {
      const { commits } = store
      assert.ok(commits !== undefined)
      const meantFor = await replaceBucket(store)
      const body = await commits.prepare(BUCKET, bodyOf('late'), CHANGE)
      const { origin: _, ...options } = PLAIN
      const writes = [{ kind: 'put', name: at('new'), body, options }] as const
      await assertRefused(commits.commit(writes, { ...CHANGE, meantFor }), 'NoSuchBucket')
      await assertUntouched(store)
    },
  },
}

async function forget(store: ObjectStore): Promise<void> {
  const isThere = (await store.buckets.list({ limit: 1 })).buckets.length > 0
  if (!isThere) return
  const { versions } = await store.objects.listVersions(BUCKET, { limit: 10 })
  for (const { key, versionId } of versions) {
    await store.objects.delete(at(key, versionId), CHANGE)
  }
  await store.buckets.delete(BUCKET, CHANGE)
}
