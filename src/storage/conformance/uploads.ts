import assert from 'node:assert/strict'
import type { Part, Upload } from '../object-store.ts'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  listKeys,
  PLAIN,
  put,
  read,
  readChanges,
  readText,
  remove,
} from './actions.ts'
import { md5Of, noise } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'
import { begin, complete, etagOf, LARGE, MIN_PART_BYTES, putPart } from './upload-actions.ts'

const DAY_MS = 86_400_000

export const UPLOAD_TRUTHS: Truths = {
  'parts become one object, described as the upload was begun': async (store, clock) => {
    await createBucket(store)
    const described = {
      owner: 'bob',
      headers: { contentType: 'model/x' },
      metadata: [['a', 'b']],
      tags: [['c', 'd']],
      acl: '{}',
    } as const
    const upload = await begin(store, described)
    assert.deepEqual(upload.begunAt, new Date(clock.now()))
    assert.deepEqual(upload.initiator, { account: 'alice', identity: 'alice/laptop' })
    clock.advance(1000)
    const small = noise(100_000, 2)
    const parts = [
      await putPart(store, { upload, number: 1 }, LARGE),
      await putPart(store, { upload, number: 2 }, small),
    ]
    assert.equal(parts[1]?.etag, md5Of(small))
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
    const made = await complete(store, upload, { parts, size: MIN_PART_BYTES + 100_000 })
    const { version, parts: kept } = await store.objects.head(at('key'), {})
    assert.deepEqual(version, made)
    assert.deepEqual({ ...version, ...described }, version)
    assert.equal(version.etag, etagOf(LARGE, small))
    assert.deepEqual([version.size, version.partCount], [MIN_PART_BYTES + 100_000, 2])
    assert.deepEqual(kept, [
      { partNumber: 1, size: MIN_PART_BYTES },
      { partNumber: 2, size: 100_000 },
    ])
    assert.ok(Buffer.concat([LARGE, small]).equals(await read(store, at('key'))))
  },

  'a part that is sent again replaces the one before; what is not named is dropped': async (
    store,
  ) => {
    await createBucket(store)
    const upload = await begin(store)
    const old = await putPart(store, { upload, number: 1 }, 'old')
    const fresh = await putPart(store, { upload, number: 1 }, 'new')
    await putPart(store, { upload, number: 2 }, 'not named')
    await assertRefused(complete(store, upload, { parts: [old] }), 'InvalidPart')
    await complete(store, upload, { parts: [fresh] })
    assert.equal(await readText(store, at('key')), 'new')
  },

  'parts must be there, in rising order, and large enough but for the last': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const large = await putPart(store, { upload, number: 2 }, LARGE)
    const small = await putPart(store, { upload, number: 4 }, 'small')
    const last = await putPart(store, { upload, number: 6 }, 'last')
    const missing = { ...small, partNumber: 5 }
    const foreign = { ...small, etag: large.etag }
    const attempt = (...parts: readonly Part[]): Promise<unknown> =>
      complete(store, upload, { parts })
    await assertRefused(attempt(), 'InvalidPart')
    await assertRefused(attempt(missing), 'InvalidPart', { partNumber: 5 })
    await assertRefused(attempt(foreign), 'InvalidPart', { partNumber: 4 })
    await assertRefused(attempt(small, large), 'InvalidPartOrder')
    await assertRefused(attempt(large, large), 'InvalidPartOrder')
    await assertRefused(attempt(small, last), 'PartTooSmall', { partNumber: 4 })
    await assertRefused(
      complete(store, upload, { parts: [large, last], size: 7 }),
      'InvalidArgument',
    )
    await attempt(large, last)
    assert.equal((await store.objects.head(at('key'), {})).version.size, MIN_PART_BYTES + 4)
  },

  'a complete call that is repeated gives the same version, for a day': async (store, clock) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 1 }, 'text')]
    const made = await complete(store, upload, { parts })
    const changes = await readChanges(store)
    clock.advance(DAY_MS - 1)
    assert.deepEqual(await complete(store, upload, { parts }), made)
    assert.deepEqual(await readChanges(store), changes)
    await assertRefused(putPart(store, { upload, number: 2 }, 'late'), 'NoSuchUpload')
    await assertRefused(store.uploads.abort(upload, CHANGE), 'NoSuchUpload')
  },

  'of complete calls that race one makes the version that all answer': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const upload = await begin(store)
      const parts = [await putPart(store, { upload, number: 1 }, 'text')]
      const race = Array.from({ length: 5 }, () => complete(store, upload, { parts }))
      const ids = (await Promise.all(race)).map(({ versionId }) => versionId)
      assert.equal(new Set(ids).size, 1)
      const { versions } = await store.objects.listVersions(BUCKET, { limit: 10 })
      assert.equal(versions.length, 1)
    },
  },

  'a refused condition leaves the upload open': {
    needs: ['conditionalWrites'],
    proof: async (store) => {
      await createBucket(store)
      await put(store, 'key', 'there')
      const upload = await begin(store)
      const parts = [await putPart(store, { upload, number: 1 }, 'text')]
      const condition = { ifNoneMatch: ['*'] }
      const attempt = complete(store, upload, { parts, condition })
      await assertRefused(attempt, 'PreconditionFailed')
      await remove(store, at('key'))
      await complete(store, upload, { parts, condition })
      assert.equal(await readText(store, at('key')), 'text')
    },
  },

  'an aborted upload is gone with its parts': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const part = await putPart(store, { upload, number: 1 }, 'text')
    await store.uploads.abort(upload, CHANGE)
    await assertRefused(store.uploads.abort(upload, CHANGE), 'NoSuchUpload')
    await assertRefused(store.uploads.listParts(upload, { limit: 10 }), 'NoSuchUpload')
    await assertRefused(putPart(store, { upload, number: 2 }, 'late'), 'NoSuchUpload')
    await assertRefused(complete(store, upload, { parts: [part] }), 'NoSuchUpload')
    assert.deepEqual(await listKeys(store), [])
    await store.buckets.delete(BUCKET, CHANGE)
  },

  'an upload is known by its bucket, its key and its id together': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const { uploadId } = upload
    const elsewhere = [
      { ...at('other'), uploadId },
      { ...at('key'), uploadId: '0'.repeat(32) },
      { ...at('key'), uploadId: 'nonsense' },
    ]
    for (const name of elsewhere) {
      await assertRefused(store.uploads.listParts(name, { limit: 1 }), 'NoSuchUpload')
      await assertRefused(store.uploads.abort(name, CHANGE), 'NoSuchUpload')
    }
    await store.uploads.listParts(upload, { limit: 1 })
  },

  'uploads list by key, roll up, and pages of every size add up': async (store) => {
    await createBucket(store)
    const keys = ['a', 'a', 'b/c', 'b/d', 'b/d', 'c', '😀', '\uffff']
    for (const key of keys) await store.uploads.begin(at(key), PLAIN)
    const all = (await store.uploads.list(BUCKET, { limit: 100 })).uploads
    assert.deepEqual(
      all.map(({ key }) => key),
      ['a', 'a', 'b/c', 'b/d', 'b/d', 'c', '\uffff', '😀'],
    )
    for (let limit = 1; limit <= keys.length + 1; limit += 1) {
      const found: Upload[] = []
      let after: { readonly key: string; readonly uploadId?: string } | undefined
      do {
        const page = await store.uploads.list(BUCKET, { limit, ...(after && { after }) })
        found.push(...page.uploads)
        after = page.next
      } while (after !== undefined)
      assert.deepEqual(found, all, String(limit))
    }
    const rolled = await store.uploads.list(BUCKET, { delimiter: '/', limit: 100 })
    assert.deepEqual(rolled.prefixes, ['b/'])
    assert.equal(rolled.uploads.length, 5)
    const below = await store.uploads.list(BUCKET, { prefix: 'b/d', limit: 100 })
    assert.equal(below.uploads.length, 2)
  },

  'tags of a multipart object change, its parts stay': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 4 }, 'text')]
    const made = await complete(store, upload, { parts })
    const tags = [['stage', 'clean']] as const
    await store.objects.update(at('key'), { kind: 'tags', tags }, CHANGE)
    const found = await store.objects.head(at('key'), { partNumber: 4 })
    assert.deepEqual(found.version, { ...made, tags })
    assert.deepEqual(found.parts, [{ partNumber: 4, size: 4 }])
    assert.equal(await readText(store, at('key')), 'text')
  },

  'a multipart object is copied with its parts': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 4 }, 'text')]
    const made = await complete(store, upload, { parts })
    const copied = await store.objects.copy(at('key'), at('copy'), PLAIN)
    await remove(store, at('key'))
    assert.deepEqual([copied.etag, copied.partCount], [made.etag, 1])
    const found = await store.objects.head(at('copy'), { partNumber: 4 })
    assert.deepEqual(found.parts, [{ partNumber: 4, size: 4 }])
    assert.equal(await readText(store, at('copy')), 'text')
  },
}
