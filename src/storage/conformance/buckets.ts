import assert from 'node:assert/strict'
import type { Bucket, ChangeOptions, ObjectStore } from '../object-store.ts'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  PLAIN,
  put,
  readChanges,
  readText,
  remove,
  setVersioning,
} from './actions.ts'
import { bodyOf } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

async function createNamed(store: ObjectStore, name: string, owner = 'alice'): Promise<void> {
  await store.buckets.create(name, { ...CHANGE, owner, objectLock: false })
}

async function pageThrough(store: ObjectStore, limit: number): Promise<readonly string[]> {
  const names: string[] = []
  let after: string | undefined
  do {
    const options = after === undefined ? { limit } : { limit, after }
    const page = await store.buckets.list(options)
    assert.ok(page.buckets.length <= limit)
    names.push(...page.buckets.map(({ name }) => name))
    after = page.next
  } while (after !== undefined)
  return names
}

export const BUCKET_TRUTHS: Truths = {
  'a created bucket is found as it was created': async (store, clock) => {
    const created = await store.buckets.create(BUCKET, {
      ...CHANGE,
      owner: 'bob',
      objectLock: false,
    })
    assert.deepEqual(created, {
      name: BUCKET,
      createdAt: new Date(clock.now()),
      owner: 'bob',
      versioning: 'unversioned',
      objectLock: false,
    })
    assert.deepEqual(await store.buckets.get(BUCKET), created)
  },

  'a bucket is created with its documents, in one commit that the feed shows whole': async (
    store,
  ) => {
    const documents = [
      { name: 'acl', content: '{"grants":[]}' },
      { name: 'policy', content: '{}' },
    ]
    await store.buckets.create(BUCKET, { ...CHANGE, owner: 'bob', objectLock: false, documents })
    const found = await store.documents.list(BUCKET)
    assert.deepEqual(
      found.map(({ name, content }) => ({ name, content })),
      documents,
    )
    if (store.changes === undefined) return
    const changes = await readChanges(store)
    assert.deepEqual(
      changes.map(({ operation, document }) => [operation, document]),
      [
        ['BucketCreated', undefined],
        ['DocumentChanged', 'acl'],
        ['DocumentChanged', 'policy'],
      ],
    )
  },

  'a bucket that is refused leaves the documents of the other as they were': async (store) => {
    const options = { ...CHANGE, owner: 'bob', objectLock: false }
    const documents = [{ name: 'policy', content: 'new' }]
    await store.buckets.create(BUCKET, { ...options, documents: [] })
    const again = store.buckets.create(BUCKET, { ...options, documents })
    await assertRefused(again, 'BucketAlreadyExists')
    assert.deepEqual(await store.documents.list(BUCKET), [])
  },

  'a name is taken once, and the refusal says by whom': async (store) => {
    await createNamed(store, BUCKET, 'bob')
    await assertRefused(createNamed(store, BUCKET, 'alice'), 'BucketAlreadyExists', {
      bucket: BUCKET,
      owner: 'bob',
    })
  },

  'of many who create the same bucket at once one succeeds': async (store) => {
    const attempts = Array.from({ length: 8 }, () => createNamed(store, BUCKET))
    const outcomes = await Promise.allSettled(attempts)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  },

  'what is not there is NoSuchBucket, whatever is asked of it': async (store) => {
    const name = { bucket: BUCKET, key: 'key' }
    const upload = { ...name, uploadId: '0'.repeat(32) }
    const asked = [
      () => store.buckets.get(BUCKET),
      () => store.buckets.update(BUCKET, { versioning: 'enabled' }, CHANGE),
      () => store.buckets.delete(BUCKET, CHANGE),
      () => store.objects.put(name, bodyOf('text'), PLAIN),
      () => store.objects.get(name, {}),
      () => store.objects.head(name, {}),
      () => store.objects.delete(name, CHANGE),
      () => store.objects.list(BUCKET, { limit: 1 }),
      () => store.objects.listVersions(BUCKET, { limit: 1 }),
      () => store.uploads.begin(name, PLAIN),
      () => store.uploads.listParts(upload, { limit: 1 }),
      () => store.uploads.list(BUCKET, { limit: 1 }),
      () => store.documents.find(BUCKET, 'policy'),
      () => store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE),
      () => store.documents.list(BUCKET),
    ]
    for (const ask of asked) await assertRefused(ask(), 'NoSuchBucket', { bucket: BUCKET })
  },

  'buckets list in name order, and pages of every size add up': async (store) => {
    const names = ['bbb', 'a-b', 'a.b', 'aab', 'zzz', 'a1b', '9ab']
    for (const name of names) await createNamed(store, name)
    for (let limit = 1; limit <= names.length + 1; limit += 1) {
      assert.deepEqual(await pageThrough(store, limit), names.toSorted())
    }
  },

  'lists of buckets narrow down to an owner and a prefix': async (store) => {
    await createNamed(store, 'data-one', 'alice')
    await createNamed(store, 'data-two', 'bob')
    await createNamed(store, 'logs-one', 'bob')
    const list = async (options: { owner?: string; prefix?: string }): Promise<string[]> => {
      const { buckets, next } = await store.buckets.list({ ...options, limit: 10 })
      assert.equal(next, undefined)
      return buckets.map(({ name }) => name)
    }
    assert.deepEqual(await list({ owner: 'bob' }), ['data-two', 'logs-one'])
    assert.deepEqual(await list({ prefix: 'data-' }), ['data-one', 'data-two'])
    assert.deepEqual(await list({ owner: 'bob', prefix: 'data-' }), ['data-two'])
  },

  'an empty bucket goes with its documents and open uploads': async (store) => {
    await createBucket(store)
    await store.documents.put(BUCKET, { name: 'policy', content: '{}' }, CHANGE)
    const upload = await store.uploads.begin(at('key'), PLAIN)
    await store.uploads.putPart({ ...upload, partNumber: 1 }, bodyOf('part'), CHANGE)
    await store.buckets.delete(BUCKET, CHANGE)
    await createBucket(store)
    assert.deepEqual(await store.documents.list(BUCKET), [])
    assert.deepEqual((await store.uploads.list(BUCKET, { limit: 10 })).uploads, [])
    await assertRefused(store.uploads.listParts(upload, { limit: 1 }), 'NoSuchUpload')
  },

  'a bucket with an object in it stays': async (store) => {
    await createBucket(store)
    await put(store, 'key')
    await assertRefused(store.buckets.delete(BUCKET, CHANGE), 'BucketNotEmpty')
    await remove(store, at('key'))
    await store.buckets.delete(BUCKET, CHANGE)
    await assertRefused(store.buckets.get(BUCKET), 'NoSuchBucket')
  },

  'a bucket that holds only a delete marker stays': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const { versionId } = await remove(store, at('key'))
      await assertRefused(store.buckets.delete(BUCKET, CHANGE), 'BucketNotEmpty')
      await remove(store, at('key', versionId))
      await store.buckets.delete(BUCKET, CHANGE)
    },
  },

  'a bucket deleted and made again holds nothing of the old one': async (store) => {
    await createBucket(store)
    await put(store, 'key')
    await remove(store, at('key'))
    await store.buckets.delete(BUCKET, CHANGE)
    await createBucket(store)
    assert.deepEqual((await store.objects.list(BUCKET, { limit: 10 })).objects, [])
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
  },

  'a write that is under way when its bucket goes stores nothing': async (store) => {
    await createBucket(store)
    const body = bodyOf('text', { onChunk: () => store.buckets.delete(BUCKET, CHANGE) })
    await assertRefused(store.objects.put(at('key'), body, PLAIN), 'NoSuchBucket')
    await createBucket(store)
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
  },

  'versioning is enabled and suspended, and found so': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store)
      for (const versioning of ['enabled', 'suspended', 'enabled'] as const) {
        await setVersioning(store, versioning)
        assert.equal((await store.buckets.get(BUCKET)).versioning, versioning)
      }
    },
  },

  'object lock needs versioning, brings it, and keeps it': {
    needs: ['objectLock'],
    proof: async (store) => {
      await createBucket(store)
      const switchOn = { objectLock: true } as const
      await assertRefused(store.buckets.update(BUCKET, switchOn, CHANGE), 'VersioningLocked')
      await store.buckets.update(BUCKET, { ...switchOn, versioning: 'enabled' }, CHANGE)
      const { versioning, objectLock } = await store.buckets.get(BUCKET)
      assert.deepEqual({ versioning, objectLock }, { versioning: 'enabled', objectLock: true })
      await assertRefused(setVersioning(store, 'suspended'), 'VersioningLocked')
      await store.buckets.create('locked', { ...CHANGE, owner: 'alice', objectLock: true })
      assert.equal((await store.buckets.get('locked')).versioning, 'enabled')
    },
  },
}

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
