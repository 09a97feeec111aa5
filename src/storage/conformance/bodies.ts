import assert from 'node:assert/strict'
import type { RangeRequest } from '../range.ts'
import { at, createBucket, listKeys, PLAIN, put, read, readChanges, remove } from './actions.ts'
import { bodyOf, brokenBody, md5Of, noise, readAll } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

/** Around every place where a store may change how it keeps a body, or how it checks it. */
const SIZES = [
  0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072, 262_143, 262_144, 262_145, 1_048_579,
]

export const BODY_TRUTHS: Truths = {
  'bodies of every size come back as they were': async (store) => {
    await createBucket(store)
    for (const size of SIZES) {
      const bytes = noise(size, size + 1)
      const { etag } = await put(store, `of ${size}`, bytes)
      assert.equal(etag, md5Of(bytes))
    }
    for (const size of SIZES) {
      assert.ok(noise(size, size + 1).equals(await read(store, at(`of ${size}`))), String(size))
    }
  },

  'a body whose size nobody knows is kept all the same': async (store) => {
    await createBucket(store)
    for (const size of SIZES) {
      const body = bodyOf(noise(size), { size: 'unknown' })
      const version = await store.objects.put(at(`of ${size}`), body, PLAIN)
      assert.equal(version.size, size)
      assert.ok(noise(size).equals(await read(store, at(`of ${size}`))), String(size))
    }
  },

  'chunks may be of any size, and belong to their sender again once the next is asked for': async (
    store,
  ) => {
    await createBucket(store)
    const sizes = [
      [1000, 1],
      [70_000, 999],
      [300_000, 65_537],
      [1_200_000, 1_200_000],
    ] as const
    for (const [size, chunkBytes] of sizes) {
      const bytes = noise(size)
      for (const known of ['known', 'unknown'] as const) {
        const body = bodyOf(bytes, { chunkBytes, size: known })
        await store.objects.put(at('key'), body, PLAIN)
        assert.ok(bytes.equals(await read(store, at('key'))), `${size} by ${chunkBytes}`)
      }
    }
  },

  'empty chunks are no end': async (store) => {
    await createBucket(store)
    const bytes = (async function* () {
      for (const text of ['', 'one', '', 'two', '']) yield Buffer.from(text)
    })()
    await store.objects.put(at('key'), { ...bodyOf('onetwo'), bytes }, PLAIN)
    assert.equal((await read(store, at('key'))).toString(), 'onetwo')
  },

  'ranges give exactly their bytes': async (store) => {
    await createBucket(store)
    for (const size of SIZES.filter((each) => each > 0)) {
      const bytes = noise(size)
      await put(store, 'key', bytes)
      const edges = [0, 1, 4096, 65_535, 65_536, 65_537, 262_144, size - 1, size]
      for (const start of edges.filter((edge) => edge < size)) {
        for (const end of edges.filter((edge) => edge > start && edge <= size)) {
          const range = { start, end }
          const found = await read(store, at('key'), { range })
          assert.ok(bytes.subarray(start, end).equals(found), `${start}-${end} of ${size}`)
        }
      }
    }
  },

  'ranges may be open, count from the end, and reach too far, but not begin beyond it': async (
    store,
  ) => {
    await createBucket(store)
    await put(store, 'key', '0123456789')
    await put(store, 'empty', '')
    const ask = async (range: RangeRequest): Promise<unknown> => {
      const options = { range }
      const found = await store.objects.head(at('key'), options)
      const { bytes, ...opened } = await store.objects.get(at('key'), options)
      assert.deepEqual(opened, found)
      assert.equal((await readAll(bytes)).length, found.range.end - found.range.start)
      return found.range
    }
    assert.deepEqual(await ask({ start: 4 }), { start: 4, end: 10 })
    assert.deepEqual(await ask({ start: 4, end: 100 }), { start: 4, end: 10 })
    assert.deepEqual(await ask({ lastBytes: 3 }), { start: 7, end: 10 })
    assert.deepEqual(await ask({ lastBytes: 30 }), { start: 0, end: 10 })
    await assertRefused(ask({ start: 10 }), 'InvalidRange', { size: 10 })
    await assertRefused(ask({ lastBytes: 0 }), 'InvalidRange')
    for (const range of [{ start: 0 }, { lastBytes: 1 }]) {
      await assertRefused(store.objects.get(at('empty'), { range }), 'InvalidRange')
    }
    assert.equal((await read(store, at('empty'))).length, 0)
  },

  'an object in one piece is its own part 1 and has no other': async (store) => {
    await createBucket(store)
    await put(store, 'key', '0123456789')
    await put(store, 'empty', '')
    assert.equal((await read(store, at('key'), { partNumber: 1 })).toString(), '0123456789')
    assert.equal((await read(store, at('empty'), { partNumber: 1 })).length, 0)
    await assertRefused(store.objects.head(at('key'), { partNumber: 2 }), 'InvalidPartNumber')
  },

  'a body that throws in the middle commits nothing': async (store) => {
    await createBucket(store)
    await put(store, 'old', 'old')
    const changes = await readChanges(store)
    for (const size of SIZES.filter((each) => each > 1)) {
      for (const key of ['old', 'new']) {
        const failure = new Error('the sender went away')
        const attempt = store.objects.put(at(key), brokenBody(noise(size), failure), PLAIN)
        await assert.rejects(attempt, (error) => error === failure)
      }
    }
    assert.deepEqual(await listKeys(store), ['old'])
    assert.equal((await read(store, at('old'))).toString(), 'old')
    assert.deepEqual(await readChanges(store), changes)
  },

  'a reader keeps reading what it opened after it was overwritten and deleted': async (store) => {
    await createBucket(store)
    for (const size of SIZES) {
      await put(store, 'key', noise(size, 1))
      const opened = await store.objects.get(at('key'), {})
      const late = await store.objects.get(at('key'), {})
      const first = await opened.bytes.next()
      const begun = first.done === true ? Buffer.alloc(0) : Buffer.from(first.value)
      await put(store, 'key', noise(size, 2))
      await remove(store, at('key'))
      await put(store, 'other', noise(size, 3))
      const rest = await readAll(opened.bytes)
      assert.ok(noise(size, 1).equals(Buffer.concat([begun, rest])), `begun, ${size}`)
      assert.ok(noise(size, 1).equals(await readAll(late.bytes)), `not begun, ${size}`)
    }
  },

  'a chunk stays as it is until its reader asks for the next': async (store) => {
    await createBucket(store)
    const size = 3_000_000
    const meant = { a: noise(size, 1), b: noise(size, 2) }
    for (const [key, bytes] of Object.entries(meant)) await put(store, key, bytes)
    const [one, other] = await Promise.all(
      ['a', 'b'].map(async (key) => (await store.objects.get(at(key), {})).bytes),
    )
    assert.ok(one !== undefined && other !== undefined)
    let place = 0
    for await (const chunk of one) {
      await other.next()
      assert.ok(meant.a.subarray(place, place + chunk.length).equals(chunk), `at ${place}`)
      place += chunk.length
    }
    assert.equal(place, size)
    await other.return()
  },

  'a stream can be returned before, within and after its bytes, and then is at its end': async (
    store,
  ) => {
    await createBucket(store)
    for (const size of [10, 100_000, 1_000_000]) {
      await put(store, 'key', noise(size))
      for (const chunks of [0, 1, 50]) {
        const { bytes } = await store.objects.get(at('key'), {})
        for (let taken = 0; taken < chunks; taken += 1) await bytes.next()
        assert.deepEqual(await bytes.return(), { done: true, value: undefined })
        assert.deepEqual(await bytes.next(), { done: true, value: undefined })
        assert.deepEqual(await bytes.return(), { done: true, value: undefined })
      }
    }
  },

  'many writers and readers at once do not mix their bytes': async (store) => {
    await createBucket(store)
    const sizes = Array.from({ length: 48 }, (_, number) => SIZES[number % SIZES.length] ?? 0)
    const check = async (size: number, seed: number): Promise<void> => {
      await put(store, `${seed}`, noise(size, seed))
      assert.ok(noise(size, seed).equals(await read(store, at(`${seed}`))), `${size} ${seed}`)
    }
    await Promise.all(sizes.map((size, seed) => check(size, seed)))
  },
}
