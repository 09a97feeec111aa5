import assert from 'node:assert/strict'
import { isCrcAlgorithm } from '../../base/combine-crc.ts'
import { DIGEST_ALGORITHMS, digestOf } from '../../base/digest.ts'
import type { Part } from '../object-store.ts'
import { at, CHANGE, createBucket, put, read, readText, remove } from './actions.ts'
import { bodyOf, brokenBody, checksumOf, md5Of, noise } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'
import { begin, complete, etagOf, LARGE, MIN_PART_BYTES, putPart } from './upload-actions.ts'

export const PART_TRUTHS: Truths = {
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
    const range = { start: MIN_PART_BYTES - 70_000, end: MIN_PART_BYTES + 70 }
    const found = await read(store, at('key'), { range })
    assert.ok(whole.subarray(range.start, range.end).equals(found))
    assert.ok(
      whole.subarray(-6000).equals(await read(store, at('key'), { range: { lastBytes: 6000 } })),
    )
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
    const source = noise(MIN_PART_BYTES + 1000, 7)
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

  'checksums of all algorithms are made from those of the parts': async (store) => {
    await createBucket(store)
    const bytes = noise(1000)
    for (const algorithm of DIGEST_ALGORITHMS) {
      const ofPart = checksumOf(algorithm, bytes)
      const ofParts = checksumOf(algorithm, digestOf(algorithm, bytes)).value
      const meant = { composite: `${ofParts}-1`, 'full-object': ofPart.value }
      for (const type of ['composite', 'full-object'] as const) {
        if (type === 'full-object' && !isCrcAlgorithm(algorithm)) continue
        const upload = await begin(store, { checksum: { algorithm, type } })
        const parts = [await putPart(store, { upload, number: 1 }, bytes)]
        assert.deepEqual(parts[0]?.checksum, ofPart)
        await assertRefused(complete(store, upload, { parts, checksum: 'AAAA' }), 'BadChecksum')
        const checksum = { algorithm, type, value: meant[type] }
        const made = await complete(store, upload, { parts, checksum: checksum.value })
        assert.deepEqual(made.checksum, checksum)
        const found = await store.objects.head(at('key'), {})
        assert.deepEqual(found.version.checksum, checksum)
        assert.deepEqual(found.parts[0]?.checksum, ofPart)
      }
    }
  },

  'the checksum of a whole is that of its bytes, whatever the parts': async (store) => {
    await createBucket(store)
    const small = noise(1000, 2)
    const upload = await begin(store, { checksum: { algorithm: 'CRC32C', type: 'full-object' } })
    const parts = [
      await putPart(store, { upload, number: 1 }, LARGE),
      await putPart(store, { upload, number: 2 }, small),
    ]
    const made = await complete(store, upload, { parts })
    assert.deepEqual(made.checksum, checksumOf('CRC32C', Buffer.concat([LARGE, small])))
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

  'a part may be empty, if it is the only one': async (store) => {
    await createBucket(store)
    const upload = await begin(store)
    const parts = [await putPart(store, { upload, number: 1 }, '')]
    const made = await complete(store, upload, { parts })
    assert.deepEqual([made.size, made.etag], [0, etagOf(Buffer.alloc(0))])
    assert.equal(await readText(store, at('key')), '')
  },
}
