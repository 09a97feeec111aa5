import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { compareUtf8 } from '../../base/utf8-order.ts'
import type { ListOptions, ObjectStore, VersionPage, VersionPosition } from '../object-store.ts'
import { at, BUCKET, createBucket, PLAIN, put, remove } from './actions.ts'
import { bodyOf, checksumOf } from './bytes.ts'
import type { Truths } from './truth.ts'

/** Prefixes end in `*`, so that a list reads at a glance. */
type Listed = readonly string[]

const SEED = 20_261_120
const RUNS = 60

async function putAll(store: ObjectStore, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => put(store, key, key)))
}

async function listOnce(
  store: ObjectStore,
  options: Omit<ListOptions, 'limit'> = {},
): Promise<Listed> {
  const page = await store.objects.list(BUCKET, { ...options, limit: 1000 })
  assert.equal(page.next, undefined)
  return merge(page.objects, page.prefixes)
}

/** Goes through a list page by page; each page must be in order, and full unless it is the last. */
async function listPaged(store: ObjectStore, options: ListOptions): Promise<Listed> {
  const found: string[] = []
  let startAfter = options.startAfter
  for (;;) {
    const page = await store.objects.list(BUCKET, {
      ...options,
      ...(startAfter === undefined ? {} : { startAfter }),
    })
    const listed = merge(page.objects, page.prefixes)
    found.push(...listed)
    if (page.next === undefined) return found
    assert.equal(listed.length, options.limit)
    assert.equal(page.next, listed.at(-1)?.replace(/\*$/, ''))
    startAfter = page.next
  }
}

function merge(rows: readonly { key: string }[], prefixes: readonly string[]): Listed {
  const keys = rows.map(({ key }) => key)
  assert.deepEqual(keys, keys.toSorted(compareUtf8))
  assert.deepEqual(prefixes, prefixes.toSorted(compareUtf8))
  const named = keys.map((key) => ({ key, shown: key }))
  named.push(...prefixes.map((key) => ({ key, shown: `${key}*` })))
  return named.toSorted((one, other) => compareUtf8(one.key, other.key)).map(({ shown }) => shown)
}

/** The same list as the contract's words have it, with no thought of speed. */
function listNaively(keys: Iterable<string>, options: Omit<ListOptions, 'limit'>): Listed {
  const { prefix = '', delimiter = '', startAfter } = options
  const shown = new Map<string, string>()
  for (const key of [...keys].filter((each) => each.startsWith(prefix))) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const common = end === -1 ? undefined : key.slice(0, end + delimiter.length)
    if (startAfter !== undefined) {
      if (compareUtf8(key, startAfter) <= 0 || common === startAfter) continue
    }
    shown.set(common ?? key, common === undefined ? key : `${common}*`)
  }
  return [...shown.keys()].toSorted(compareUtf8).map((name) => shown.get(name) ?? '')
}

async function listVersionsPaged(
  store: ObjectStore,
  options: { readonly limit: number; readonly prefix?: string; readonly delimiter?: string },
): Promise<Listed> {
  const found: string[] = []
  let after: VersionPosition | undefined
  for (;;) {
    const page = await store.objects.listVersions(BUCKET, { ...options, ...(after && { after }) })
    const size = page.versions.length + page.prefixes.length
    assert.ok(size <= options.limit)
    found.push(...page.versions.map(nameVersion))
    found.push(...page.prefixes.map((prefix) => `${prefix}*`))
    if (page.next === undefined) return found
    assert.equal(size, options.limit)
    after = page.next
  }
}

function nameVersion(version: VersionPage['versions'][number]): string {
  return `${version.key} ${version.versionId}${version.isLatest ? ', the latest' : ''}`
}

const aKey = fc
  .array(fc.constantFrom('a', 'b', '/', '//', '-', '\0', '😀', '\uffff', 'ab/', '\u{10ffff}'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((pieces) => pieces.join(''))

const aQuestion = fc.record(
  {
    prefix: fc.constantFrom('', 'a', 'a/', '/', '😀', 'ab/a', '\u{10ffff}'),
    delimiter: fc.constantFrom('/', '//', 'b', '😀', '\u{10ffff}'),
    startAfter: fc.oneof(aKey, fc.constantFrom('a/', '/', 'ab/', 'b', '\u{10ffff}')),
  },
  { requiredKeys: [] },
)

export const LIST_TRUTHS: Truths = {
  'a list tells of each object what a listing shows': async (store) => {
    await createBucket(store)
    const body = bodyOf('text', { algorithm: 'CRC32C' })
    const { key, versionId, size, etag, modifiedAt, owner, storageClass } = await store.objects.put(
      at('key'),
      body,
      PLAIN,
    )
    const checksum = checksumOf('CRC32C', Buffer.from('text'))
    assert.deepEqual(await store.objects.list(BUCKET, { limit: 1 }), {
      objects: [{ key, versionId, size, etag, modifiedAt, owner, storageClass, checksum }],
      prefixes: [],
    })
  },

  'a prefix narrows, a delimiter rolls up, together they walk a tree': async (store) => {
    await createBucket(store)
    await putAll(store, ['a', 'b/', 'b/c', 'b/d/e', 'b/d/f', 'b//g', 'bc', 'c/x/y'])
    assert.deepEqual(await listOnce(store, { delimiter: '/' }), ['a', 'b/*', 'bc', 'c/*'])
    assert.deepEqual(await listOnce(store, { prefix: 'b', delimiter: '/' }), ['b/*', 'bc'])
    const inside = await listOnce(store, { prefix: 'b/', delimiter: '/' })
    assert.deepEqual(inside, ['b/', 'b//*', 'b/c', 'b/d/*'])
    assert.deepEqual(await listOnce(store, { prefix: 'b/d' }), ['b/d/e', 'b/d/f'])
    assert.deepEqual(await listOnce(store, { prefix: 'b/d', delimiter: '/' }), ['b/d/*'])
    assert.deepEqual(await listOnce(store, { prefix: 'x' }), [])
    assert.deepEqual(
      await listOnce(store, { delimiter: 'x/' }),
      'a b/ b//g b/c b/d/e b/d/f bc c/x/*'.split(' '),
    )
  },

  'a list starts after a key that need not be there, and skips a common prefix whole': async (
    store,
  ) => {
    await createBucket(store)
    await putAll(store, ['a', 'b/c', 'b/d', 'b/e', 'c'])
    assert.deepEqual(await listOnce(store, { startAfter: 'a' }), ['b/c', 'b/d', 'b/e', 'c'])
    assert.deepEqual(await listOnce(store, { startAfter: 'b/cc' }), ['b/d', 'b/e', 'c'])
    assert.deepEqual(await listOnce(store, { startAfter: 'c' }), [])
    const rolled = { delimiter: '/' }
    assert.deepEqual(await listOnce(store, { ...rolled, startAfter: 'b/' }), ['c'])
    assert.deepEqual(await listOnce(store, { ...rolled, startAfter: 'b/d' }), ['b/*', 'c'])
    assert.deepEqual(await listOnce(store, { ...rolled, startAfter: 'b/e' }), ['c'])
    assert.deepEqual(await listOnce(store, { startAfter: 'b/' }), ['b/c', 'b/d', 'b/e', 'c'])
    assert.deepEqual(await listOnce(store, { startAfter: 'a', prefix: 'b/' }), [
      'b/c',
      'b/d',
      'b/e',
    ])
    assert.deepEqual(await listOnce(store, { startAfter: 'c', prefix: 'b/' }), [])
  },

  'a page of none is empty and the last': async (store) => {
    await createBucket(store)
    await putAll(store, ['a', 'b'])
    assert.deepEqual(await store.objects.list(BUCKET, { limit: 0 }), { objects: [], prefixes: [] })
    const versions = await store.objects.listVersions(BUCKET, { limit: 0 })
    assert.deepEqual(versions, { versions: [], prefixes: [] })
  },

  'a page that holds exactly what is left is the last': async (store) => {
    await createBucket(store)
    await putAll(store, ['a', 'b/c', 'b/d'])
    assert.equal((await store.objects.list(BUCKET, { limit: 3 })).next, undefined)
    assert.equal((await store.objects.list(BUCKET, { limit: 2 })).next, 'b/c')
    assert.equal((await store.objects.list(BUCKET, { limit: 2, delimiter: '/' })).next, undefined)
  },

  'random lists agree with a naive model, in one page and in pages of every size': async (
    store,
  ) => {
    await createBucket(store)
    const there = new Set<string>()
    const agrees = fc.asyncProperty(
      fc.uniqueArray(aKey, { maxLength: 12 }),
      aQuestion,
      fc.integer({ min: 1, max: 5 }),
      async (keys, question, limit) => {
        // What the run before left is part of the game; some of it goes.
        const gone = [...there].filter((_, number) => number % 3 === 0)
        await Promise.all(gone.map((key) => remove(store, at(key))))
        for (const key of gone) there.delete(key)
        await putAll(store, keys)
        for (const key of keys) there.add(key)
        const expected = listNaively(there, question)
        assert.deepEqual(await listOnce(store, question), expected)
        assert.deepEqual(await listPaged(store, { ...question, limit }), expected)
      },
    )
    await fc.assert(agrees, { seed: SEED, numRuns: RUNS, endOnFailure: true })
  },

  'a list goes on behind what was deleted since the page before': async (store) => {
    await createBucket(store)
    await putAll(store, ['a', 'b', 'c', 'd'])
    const { next } = await store.objects.list(BUCKET, { limit: 2 })
    assert.equal(next, 'b')
    await remove(store, at('b'))
    assert.deepEqual(await listOnce(store, { startAfter: next }), ['c', 'd'])
  },

  'only what keys show is listed': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      await putAll(store, ['a/hidden', 'b/hidden', 'b/shown', 'c'])
      for (const key of ['a/hidden', 'b/hidden', 'd/never']) await remove(store, at(key))
      assert.deepEqual(await listOnce(store), ['b/shown', 'c'])
      assert.deepEqual(await listOnce(store, { delimiter: '/' }), ['b/*', 'c'])
    },
  },

  'versions list by key, then newest first, the same in pages of every size': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const expected: string[] = []
      for (const key of ['a', 'b/c', 'b/d', 'c']) {
        const first = await put(store, key, 'first')
        const second = await remove(store, at(key))
        const third = await put(store, key, 'third')
        expected.push(`${key} ${third.versionId}, the latest`)
        expected.push(...[second, first].map(({ versionId }) => `${key} ${versionId}`))
      }
      for (let limit = 1; limit <= expected.length + 1; limit += 1) {
        assert.deepEqual(await listVersionsPaged(store, { limit }), expected, String(limit))
      }
      const below = expected.filter((name) => name.startsWith('b/'))
      assert.deepEqual(await listVersionsPaged(store, { limit: 2, prefix: 'b/' }), below)
      const rolled = [...expected.slice(0, 3), 'b/*', ...expected.slice(9)]
      for (const limit of [1, 4, 8]) {
        const found = await listVersionsPaged(store, { limit, delimiter: '/' })
        assert.deepEqual(found.toSorted(), rolled.toSorted(), String(limit))
      }
    },
  },

  'versions list on behind one that was removed since the page before': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const made = []
      for (const content of ['one', 'two', 'three', 'four']) {
        made.push((await put(store, 'key', content)).versionId)
      }
      const { next } = await store.objects.listVersions(BUCKET, { limit: 2 })
      assert.ok(next?.versionId !== undefined)
      await remove(store, at('key', next.versionId))
      const { versions } = await store.objects.listVersions(BUCKET, { limit: 10, after: next })
      assert.deepEqual(
        versions.map(({ versionId }) => versionId),
        [made[1], made[0]],
      )
    },
  },

  'of each key only the newest version is the latest': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      for (const key of ['a', 'b']) {
        await put(store, key, 'first')
        await put(store, key, 'second')
      }
      await remove(store, at('b'))
      const { versions } = await store.objects.listVersions(BUCKET, { limit: 10 })
      const latest = versions.map(({ key, isLatest, deleteMarker }) => [
        key,
        isLatest,
        deleteMarker,
      ])
      assert.deepEqual(latest, [
        ['a', true, false],
        ['a', false, false],
        ['b', true, true],
        ['b', false, false],
        ['b', false, false],
      ])
    },
  },
}
