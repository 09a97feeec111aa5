import assert from 'node:assert/strict'
import { cursorAfter, type Change, type ChangeFeed } from '../change-feed.ts'
import type { ObjectStore } from '../object-store.ts'
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
  remove,
} from './actions.ts'
import { bodyOf, checksumOf, md5Of } from './bytes.ts'
import { assertRefused, type Proof, type Truth, type Truths } from './truth.ts'

const DAY_MS = 86_400_000

/** Stores without a feed have nothing to prove here. */
function feeding(
  prove: (store: ObjectStore, feed: ChangeFeed, clock: Parameters<Proof>[1]) => Promise<void>,
): Proof {
  return async (store, clock) => {
    if (store.changes !== undefined) await prove(store, store.changes, clock)
  }
}

function limited(entries: number, whenFull: 'refuse' | 'drop-oldest', proof: Proof): Truth {
  return { feedLimit: { entries, whenFull }, proof }
}

function namesOf(changes: readonly Change[]): readonly string[] {
  return changes.map(({ operation, key }) =>
    key === undefined ? operation : `${operation} ${key}`,
  )
}

/** Takes entries until it has that many; the time limit is the test's. */
async function take(changes: AsyncIterable<Change>, count: number): Promise<readonly Change[]> {
  const found: Change[] = []
  for await (const change of changes) {
    found.push(change)
    if (found.length === count) break
  }
  return found
}

function forever(): AbortSignal {
  return new AbortController().signal
}

/** What the keys of a bucket without versioning show, by the word of the feed alone. */
function replay(changes: readonly Change[]): ReadonlyMap<string, string> {
  const etags = new Map<string, string>()
  for (const { key, etag, operation } of changes) {
    if (key === undefined) continue
    if (operation === 'Delete') etags.delete(key)
    else etags.set(key, etag ?? '')
  }
  return etags
}

export const FEED_TRUTHS: Truths = {
  'every operation has its entry, in the order of the commits': {
    needs: ['versions', 'objectLock'],
    proof: feeding(async (store, _, clock) => {
      const locked = { ...CHANGE, owner: 'alice', objectLock: true }
      await store.buckets.create(BUCKET, locked)
      await store.buckets.update(BUCKET, { versioning: 'enabled' }, CHANGE)
      await store.documents.put(BUCKET, { name: 'cors', content: 'x' }, CHANGE)
      await store.documents.delete(BUCKET, 'cors', CHANGE)
      await store.documents.delete(BUCKET, 'cors', CHANGE)
      await put(store, 'a')
      const { versionId } = await put(store, 'a', { content: 'form', operation: 'Post' })
      await store.objects.copy(at('a'), at('b'), PLAIN)
      const upload = await store.uploads.begin(at('c'), PLAIN)
      const part = await store.uploads.putPart({ ...upload, partNumber: 1 }, bodyOf('part'), CHANGE)
      await store.uploads.complete(upload, [{ partNumber: 1, etag: part.etag }], CHANGE)
      await store.objects.update(at('a'), { kind: 'tags', tags: [['x', 'y']] }, CHANGE)
      const until = new Date(clock.now() + DAY_MS)
      const retention = { mode: 'GOVERNANCE', until } as const
      await store.objects.update(at('a'), { kind: 'retention', retention }, CHANGE)
      await store.objects.update(at('a'), { kind: 'legal-hold', legalHold: false }, CHANGE)
      await store.objects.update(at('a'), { kind: 'acl', acl: '{}' }, CHANGE)
      await remove(store, at('a'))
      await remove(store, at('a', versionId), { bypassGovernance: true })
      await store.buckets.create('other', { ...locked, objectLock: false })
      await store.buckets.delete('other', CHANGE)
      assert.deepEqual(namesOf(await readChanges(store)), [
        'BucketCreated',
        'BucketChanged',
        'DocumentChanged',
        'DocumentDeleted',
        'Put a',
        'Post a',
        'Copy b',
        'Complete c',
        'Tagging a',
        'Retention a',
        'LegalHold a',
        'Acl a',
        'DeleteMarker a',
        'Delete a',
        'BucketCreated',
        'BucketDeleted',
      ])
    }),
  },

  'an entry of a write tells everything that a reader of the feed needs': {
    needs: ['versions'],
    proof: feeding(async (store, _, clock) => {
      await createBucket(store, 'enabled')
      const first = await put(store, 'key', 'first')
      clock.advance(1000)
      const second = await store.objects.put(at('key'), bodyOf('text', { algorithm: 'SHA1' }), {
        ...PLAIN,
        headers: { contentType: 'text/plain' },
        metadata: [['color', 'red']],
        tags: [['stage', 'raw']],
      })
      const { sequence, ...change } = (await readChanges(store)).at(-1) ?? assert.fail()
      assert.equal(typeof sequence, 'bigint')
      assert.deepEqual(change, {
        formatVersion: 1,
        at: new Date(clock.now()),
        operation: 'Put',
        ...at('key'),
        versionId: second.versionId,
        previousVersionId: first.versionId,
        size: 4,
        etag: md5Of(Buffer.from('text')),
        checksum: checksumOf('SHA1', Buffer.from('text')),
        contentType: 'text/plain',
        storageClass: 'STANDARD',
        metadata: [['color', 'red']],
        tags: [['stage', 'raw']],
        origin: ORIGIN,
      })
    }),
  },

  'entries of deletes, documents and buckets tell what applies to them': {
    needs: ['versions'],
    proof: feeding(async (store) => {
      await createBucket(store, 'enabled')
      const { versionId } = await put(store, 'key')
      const marker = await remove(store, at('key'))
      await remove(store, at('key', versionId))
      await store.documents.put(BUCKET, { name: 'cors', content: 'x' }, CHANGE)
      const changes = (await readChanges(store)).map(
        ({ sequence: _sequence, at: _at, ...change }) => change,
      )
      const all = { formatVersion: 1, bucket: BUCKET, origin: ORIGIN }
      assert.deepEqual(changes.at(0), { ...all, operation: 'BucketCreated' })
      assert.deepEqual(changes.slice(-3), [
        {
          ...all,
          operation: 'DeleteMarker',
          key: 'key',
          versionId: marker.versionId,
          previousVersionId: versionId,
        },
        { ...all, operation: 'Delete', key: 'key', versionId },
        { ...all, operation: 'DocumentChanged', document: 'cors' },
      ])
    }),
  },

  'what changes nothing has no entry': feeding(async (store, feed) => {
    await createBucket(store)
    const head = await feed.head()
    await remove(store, at('never'))
    await remove(store, at('never', 'null'))
    await store.documents.delete(BUCKET, 'cors', CHANGE)
    const upload = await store.uploads.begin(at('key'), PLAIN)
    await store.uploads.putPart({ ...upload, partNumber: 1 }, bodyOf('part'), CHANGE)
    await store.uploads.abort(upload, CHANGE)
    await assertRefused(store.objects.copy(at('no'), at('x'), PLAIN), 'NoSuchKey')
    assert.equal(await feed.head(), head)
    assert.deepEqual(await readChanges(store, head), [])
  }),

  'sequences rise strictly, even under a clock that stands still or goes back': feeding(
    async (store, feed, clock) => {
      await createBucket(store)
      for (let turn = 0; turn < 5; turn += 1) {
        await Promise.all(['a', 'b', 'c', 'd'].map((key) => put(store, key)))
        clock.advance(-1000)
      }
      const sequences = (await readChanges(store)).map(({ sequence }) => sequence)
      assert.equal(sequences.length, 21)
      assert.deepEqual(sequences, [...new Set(sequences)].toSorted(compareBigInts))
      assert.equal(await feed.head(), cursorAfter(sequences.at(-1) ?? 0n))
    },
  ),

  'a reader goes on behind any cursor': feeding(async (store, feed) => {
    await createBucket(store)
    for (const key of ['a', 'b', 'c']) await put(store, key)
    const changes = await readChanges(store)
    for (const [number, { sequence }] of changes.slice(0, -1).entries()) {
      const rest = await readChanges(store, cursorAfter(sequence))
      assert.deepEqual(rest, changes.slice(number + 1))
    }
    const fromStart = await take(feed.read(undefined, forever()), changes.length)
    assert.deepEqual(fromStart, changes)
    assert.deepEqual(await readChanges(store, await feed.oldest()), changes)
  }),

  'a reader waits for what comes, and several readers get all of it': feeding(
    async (store, feed) => {
      await createBucket(store)
      const head = await feed.head()
      const readers = [1, 2, 3].map(() => take(feed.read(head, forever()), 3))
      for (const key of ['a', 'b', 'c']) await put(store, key)
      for (const changes of await Promise.all(readers)) {
        assert.deepEqual(namesOf(changes), ['Put a', 'Put b', 'Put c'])
      }
    },
  ),

  'abort ends a reader cleanly, be it waiting or not': feeding(async (store, feed) => {
    await createBucket(store)
    const waiting = new AbortController()
    const entries = take(feed.read(undefined, waiting.signal), 100)
    setTimeout(() => waiting.abort(), 5)
    assert.deepEqual(namesOf(await entries), ['BucketCreated'])
    assert.deepEqual(await take(feed.read(undefined, AbortSignal.abort()), 100), [])
  }),

  'what was trimmed is forgotten, and who missed it is told': feeding(async (store, feed) => {
    const beginning = await feed.oldest()
    await createBucket(store)
    for (const key of ['a', 'b', 'c']) await put(store, key)
    const changes = await readChanges(store)
    const cursor = cursorAfter(changes[1]?.sequence ?? 0n)
    await feed.trim(cursor)
    await feed.trim(cursor)
    await feed.trim(beginning)
    assert.equal(await feed.oldest(), cursor)
    assert.equal(await feed.count(), 2)
    assert.deepEqual(await readChanges(store), changes.slice(2))
    assert.deepEqual(await readChanges(store, cursor), changes.slice(2))
    const missed = cursorAfter(changes[0]?.sequence ?? 0n)
    await assertRefused(take(feed.read(missed, forever()), 1), 'CursorExpired')
    await assertRefused(take(feed.read(beginning, forever()), 1), 'CursorExpired')
  }),

  'a reader who stands still while the feed is trimmed past it is told': feeding(
    async (store, feed) => {
      await createBucket(store)
      for (const key of ['a', 'b', 'c']) await put(store, key)
      const reader = feed.read(undefined, forever())[Symbol.asyncIterator]()
      await reader.next()
      await feed.trim(await feed.head())
      const rest = take({ [Symbol.asyncIterator]: () => reader }, 3)
      const [outcome] = await Promise.allSettled([rest])
      // What it had read ahead it may still give, but it may not skip anything.
      if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'CursorExpired')
      else assert.deepEqual(namesOf(outcome.value), ['Put a', 'Put b', 'Put c'])
    },
  ),

  'a feed counts the entries that it keeps': feeding(async (store, feed) => {
    assert.equal(await feed.count(), 0)
    await createBucket(store)
    for (const key of ['a', 'b', 'c']) await put(store, key)
    assert.equal(await feed.count(), 4)
    const [, second] = await readChanges(store)
    await feed.trim(cursorAfter(second?.sequence ?? 0n))
    assert.equal(await feed.count(), 2)
  }),

  'trimmed to its head the feed is empty and goes on': feeding(async (store, feed) => {
    await createBucket(store)
    const head = await feed.head()
    await feed.trim(head)
    assert.deepEqual([await feed.oldest(), await feed.head()], [head, head])
    const next = take(feed.read(head, forever()), 1)
    await put(store, 'a')
    assert.deepEqual(namesOf(await next), ['Put a'])
    const [change] = await readChanges(store)
    assert.ok(change !== undefined && cursorAfter(change.sequence) > head)
  }),

  'a cursor that is none is refused': feeding(async (_, feed) => {
    for (const cursor of ['', 'nonsense', '12', `${'f'.repeat(16)}0`]) {
      await assertRefused(take(feed.read(cursor, forever()), 1), 'InvalidArgument')
    }
  }),

  'a full feed refuses every write, and takes them again once it is trimmed': limited(
    3,
    'refuse',
    feeding(async (store, feed) => {
      await createBucket(store)
      await put(store, 'a')
      await put(store, 'b')
      await assertRefused(put(store, 'c'), 'FeedFull')
      await assertRefused(remove(store, at('a')), 'FeedFull')
      const document = { name: 'cors', content: 'x' }
      await assertRefused(store.documents.put(BUCKET, document, CHANGE), 'FeedFull')
      await store.objects.head(at('a'), {})
      assert.deepEqual(await listKeys(store), ['a', 'b'])
      await feed.trim(await feed.head())
      await put(store, 'c')
      assert.deepEqual(await listKeys(store), ['a', 'b', 'c'])
      assert.deepEqual(namesOf(await readChanges(store)), ['Put c'])
    }),
  ),

  'a feed that drops its oldest leaves a gap that every reader finds': limited(
    3,
    'drop-oldest',
    feeding(async (store, feed) => {
      const beginning = await feed.oldest()
      await createBucket(store)
      const keys = ['a', 'b', 'c', 'd', 'e', 'f']
      for (const key of keys) await put(store, key)
      assert.deepEqual(await listKeys(store), keys)
      const changes = await take(feed.read(beginning, forever()), 4)
      assert.deepEqual(namesOf(changes), ['Gap', 'Put d', 'Put e', 'Put f'])
      const sequences = changes.map(({ sequence }) => sequence)
      assert.deepEqual(sequences, sequences.toSorted(compareBigInts))
      assert.deepEqual(await readChanges(store), changes)
      const behind = cursorAfter(sequences[1] ?? 0n)
      assert.deepEqual(await readChanges(store, behind), changes.slice(2))
      await feed.trim(cursorAfter(sequences[0] ?? 0n))
      assert.deepEqual(await readChanges(store), changes.slice(1))
    }),
  ),

  'feed and objects agree after many writers': feeding(async (store) => {
    await createBucket(store)
    const keys = ['a', 'b', 'c', 'd', 'e']
    const writer = async (number: number): Promise<void> => {
      for (let turn = 0; turn < 12; turn += 1) {
        const key = keys[(number * 7 + turn * 3) % keys.length] ?? ''
        if ((number + turn) % 4 === 0) await remove(store, at(key))
        else await put(store, key, Buffer.alloc(turn * 1000, `${number} ${turn}`))
      }
    }
    await Promise.all([1, 2, 3, 4, 5, 6].map(writer))
    const told = replay(await readChanges(store))
    const { objects } = await store.objects.list(BUCKET, { limit: 1000 })
    assert.deepEqual(new Map(objects.map(({ key, etag }) => [key, etag])), told)
  }),
}

function compareBigInts(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other)
}
