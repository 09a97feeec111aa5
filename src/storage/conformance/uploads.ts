import assert from 'node:assert/strict'
import { isCrcAlgorithm } from '../../base/combine-crc.ts'
import { DIGEST_ALGORITHMS, digestOf } from '../../base/digest.ts'
import { LIMITS } from '../limits.ts'
import type {
  BeginUploadOptions,
  CompleteOptions,
  ObjectStore,
  Part,
  Upload,
} from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
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
import { bodyOf, brokenBody, checksumOf, md5Of, noise } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

const MIN = LIMITS.partBytesMin
const DAY_MS = 86_400_000

/** The smallest part that need not be the last. */
const LARGE = noise(MIN, 1)

function begin(store: ObjectStore, options: Partial<BeginUploadOptions> = {}): Promise<Upload> {
  return store.uploads.begin(at('key'), { ...PLAIN, ...options })
}

function putPart(
  store: ObjectStore,
  { upload, number }: { readonly upload: Upload; readonly number: number },
  content: string | Uint8Array,
): Promise<Part> {
  const algorithm = upload.checksum?.algorithm
  const body = bodyOf(content, { chunkBytes: 1_048_576, ...(algorithm && { algorithm }) })
  return store.uploads.putPart({ ...upload, partNumber: number }, body, CHANGE)
}

function complete(
  store: ObjectStore,
  upload: Upload,
  options: Partial<CompleteOptions> & { readonly parts: readonly Part[] },
): Promise<ObjectVersion> {
  const references = options.parts.map(({ partNumber, etag }) => ({ partNumber, etag }))
  return store.uploads.complete(upload, references, { ...CHANGE, ...options })
}

function etagOf(...parts: readonly Uint8Array[]): string {
  return `${md5Of(Buffer.concat(parts.map((part) => digestOf('MD5', part))))}-${parts.length}`
}

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
    clock.advance(1000)
    const small = noise(100_000, 2)
    const parts = [
      await putPart(store, { upload, number: 1 }, LARGE),
      await putPart(store, { upload, number: 2 }, small),
    ]
    assert.equal(parts[1]?.etag, md5Of(small))
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
    const made = await complete(store, upload, { parts, size: MIN + 100_000 })
    const { version, parts: kept } = await store.objects.head(at('key'), {})
    assert.deepEqual(version, made)
    assert.deepEqual({ ...version, ...described }, version)
    assert.equal(version.etag, etagOf(LARGE, small))
    assert.deepEqual([version.size, version.partCount], [MIN + 100_000, 2])
    assert.deepEqual(kept, [
      { partNumber: 1, size: MIN },
      { partNumber: 2, size: 100_000 },
    ])
    assert.ok(Buffer.concat([LARGE, small]).equals(await read(store, at('key'))))
  },

  'parts are read by their numbers, and ranges across their borders': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const small = noise(5000, 2)
    const last = await putPart(store, { upload, number: 9 }, small)
    const first = await putPart(store, { upload, number: 3 }, LARGE)
    await complete(store, upload, { parts: [first, last] })
    const whole = Buffer.concat([LARGE, small])
    assert.ok(LARGE.equals(await read(store, at('key'), { partNumber: 3 })))
    assert.ok(small.equals(await read(store, at('key'), { partNumber: 9 })))
    await assertRefused(store.objects.head(at('key'), { partNumber: 1 }), 'InvalidPartNumber')
    const range = { start: MIN - 70_000, end: MIN + 70 }
    const found = await read(store, at('key'), { range })
    assert.ok(whole.subarray(range.start, range.end).equals(found))
    assert.ok(
      whole.subarray(-6000).equals(await read(store, at('key'), { range: { lastBytes: 6000 } })),
    )
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
    assert.equal((await store.objects.head(at('key'), {})).version.size, MIN + 4)
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

  'of complete calls that race one makes the version that all answer': async (store) => {
    await createBucket(store, 'enabled')
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 1 }, 'text')]
    const race = Array.from({ length: 5 }, () => complete(store, upload, { parts }))
    const ids = (await Promise.all(race)).map(({ versionId }) => versionId)
    assert.equal(new Set(ids).size, 1)
    const { versions } = await store.objects.listVersions(BUCKET, { limit: 10 })
    assert.equal(versions.length, 1)
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

  'a part that breaks off leaves the one before': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const part = await putPart(store, { upload, number: 1 }, 'whole')
    const failure = new Error('the sender went away')
    const body = brokenBody(noise(300_000), failure)
    const attempt = store.uploads.putPart({ ...upload, partNumber: 1 }, body, CHANGE)
    await assert.rejects(attempt, (error) => error === failure)
    await complete(store, upload, { parts: [part] })
    assert.equal(await readText(store, at('key')), 'whole')
  },

  'a part that comes in while its upload ends is refused': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const body = bodyOf('late', { onChunk: () => store.uploads.abort(upload, CHANGE) })
    const attempt = store.uploads.putPart({ ...upload, partNumber: 1 }, body, CHANGE)
    await assertRefused(attempt, 'NoSuchUpload')
  },

  'parts are copied from objects, whole or by range': async (store) => {
    await createBucket(store)
    const source = noise(MIN + 1000, 7)
    await put(store, 'source', source)
    const upload = await begin(store)
    const name = { ...upload, partNumber: 1 }
    const whole = await store.uploads.copyPart(name, at('source'), CHANGE)
    const range = { start: 70_000, end: 300_001 }
    const ranged = await store.uploads.copyPart(
      { ...name, partNumber: 2 },
      { ...at('source'), range },
      CHANGE,
    )
    const piece = source.subarray(range.start, range.end)
    assert.deepEqual([whole.etag, ranged.etag], [md5Of(source), md5Of(piece)])
    assert.deepEqual([whole.size, ranged.size], [source.length, piece.length])
    await remove(store, at('source'))
    await complete(store, upload, { parts: [whole, ranged] })
    assert.ok(Buffer.concat([source, piece]).equals(await read(store, at('key'))))
  },

  'a part is not copied from nothing, from outside, or against a condition': async (store) => {
    await createBucket(store)
    await put(store, 'source', '0123456789')
    const upload = await begin(store)
    const copyFrom = (source: object): Promise<unknown> =>
      store.uploads.copyPart({ ...upload, partNumber: 1 }, { ...at('source'), ...source }, CHANGE)
    await assertRefused(copyFrom({ key: 'missing' }), 'NoSuchKey')
    await assertRefused(copyFrom({ range: { start: 5, end: 11 } }), 'InvalidRange')
    await assertRefused(copyFrom({ condition: { ifMatch: ['other'] } }), 'PreconditionFailed')
    assert.deepEqual((await store.uploads.listParts(upload, { limit: 10 })).parts, [])
  },

  'parts list by number, and pages of every size add up': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts: Part[] = []
    for (const number of [7, 1, 10_000, 3, 20]) {
      parts.push(await putPart(store, { upload, number }, `part ${number}`))
    }
    const sorted = parts.toSorted((one, other) => one.partNumber - other.partNumber)
    for (let limit = 1; limit <= 6; limit += 1) {
      const found: Part[] = []
      let after: number | undefined = 0
      while (after !== undefined) {
        const page = await store.uploads.listParts(upload, { after, limit })
        assert.deepEqual(page.upload, upload)
        assert.ok(page.parts.length <= limit)
        found.push(...page.parts)
        after = page.next
      }
      assert.deepEqual(found, sorted, String(limit))
    }
    assert.deepEqual(await store.uploads.listParts(upload, { limit: 0 }), { upload, parts: [] })
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

  'checksums of all algorithms are made from those of the parts': async (store) => {
    await createBucket(store)
    const small = noise(1000, 2)
    for (const algorithm of DIGEST_ALGORITHMS) {
      const raw = [LARGE, small].map((bytes) => digestOf(algorithm, bytes))
      const ofParts = checksumOf(algorithm, Buffer.concat(raw)).value
      const ofWhole = checksumOf(algorithm, Buffer.concat([LARGE, small])).value
      const types = [
        { type: 'composite', value: `${ofParts}-2` },
        ...(isCrcAlgorithm(algorithm) ? [{ type: 'full-object', value: ofWhole } as const] : []),
      ] as const
      for (const { type, value } of types) {
        const upload = await begin(store, { checksum: { algorithm, type } })
        const parts = [
          await putPart(store, { upload, number: 1 }, LARGE),
          await putPart(store, { upload, number: 2 }, small),
        ]
        assert.deepEqual(parts[1]?.checksum, checksumOf(algorithm, small))
        const wrong = complete(store, upload, { parts, checksum: 'AAAA' })
        await assertRefused(wrong, 'BadChecksum')
        const made = await complete(store, upload, { parts, checksum: value })
        assert.deepEqual(made.checksum, { algorithm, type, value })
        const found = await store.objects.head(at('key'), {})
        assert.deepEqual(found.parts[1]?.checksum, checksumOf(algorithm, small))
      }
    }
  },

  'a part that is named with the wrong checksum is not the part that is meant': async (store) => {
    await createBucket(store)
    const upload = await begin(store, { checksum: { algorithm: 'CRC32', type: 'composite' } })
    const { partNumber, etag, checksum } = await putPart(store, { upload, number: 1 }, 'text')
    const wrong = [{ partNumber, etag, checksum: 'AAAAAA==' }]
    await assertRefused(store.uploads.complete(upload, wrong, CHANGE), 'InvalidPart')
    const right = [{ partNumber, etag, checksum: checksum?.value ?? '' }]
    await store.uploads.complete(upload, right, CHANGE)
  },

  'a copied part has the checksum that its upload asked for': async (store) => {
    await createBucket(store)
    const source = noise(100_000)
    await put(store, 'source', source)
    const upload = await begin(store, { checksum: { algorithm: 'CRC64NVME', type: 'full-object' } })
    const name = { ...upload, partNumber: 1 }
    const part = await store.uploads.copyPart(name, at('source'), CHANGE)
    assert.deepEqual(part.checksum, checksumOf('CRC64NVME', source))
    const made = await complete(store, upload, { parts: [part] })
    assert.deepEqual(made.checksum, checksumOf('CRC64NVME', source))
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

  'a part may be empty, if it is the only one': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 1 }, '')]
    const made = await complete(store, upload, { parts })
    assert.deepEqual([made.size, made.etag], [0, etagOf(Buffer.alloc(0))])
    assert.equal(await readText(store, at('key')), '')
  },
}
