import assert from 'node:assert/strict'
import type { Condition, DeleteCondition } from '../condition.ts'
import type { ObjectStore } from '../object-store.ts'
import {
  at,
  createBucket,
  listKeys,
  listVersionIds,
  PLAIN,
  put,
  readChanges,
  readText,
  remove,
} from './actions.ts'
import { bodyOf, md5Of } from './bytes.ts'
import { assertRefused, type Proof, type Truth, type Truths } from './truth.ts'

function conditional(proof: Proof): Truth {
  return { needs: ['conditionalWrites'], proof }
}

const OTHER = md5Of(Buffer.from('something else'))

async function readUnder(store: ObjectStore, condition: Condition): Promise<void> {
  await store.objects.head(at('key'), { condition })
  const { bytes } = await store.objects.get(at('key'), { condition })
  await bytes.return()
}

/** Adds one to the number in an object, again and again until nobody came between. */
async function increment(store: ObjectStore): Promise<number> {
  for (let attempts = 1; ; attempts += 1) {
    const { version, bytes } = await store.objects.get(at('counter'), {})
    let text = ''
    for await (const chunk of bytes) text += Buffer.from(chunk).toString()
    try {
      const condition = { ifMatch: [version.etag] }
      await put(store, 'counter', { content: `${Number(text) + 1}`, condition })
      return attempts
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      assert.equal(error.code, 'PreconditionFailed')
    }
  }
}

export const CONDITION_TRUTHS: Truths = {
  'reads ask for an ETag or against it': async (store) => {
    await createBucket(store)
    const { etag } = await put(store, 'key')
    await readUnder(store, { ifMatch: [OTHER, etag] })
    await readUnder(store, { ifMatch: ['*'] })
    await readUnder(store, { ifNoneMatch: [OTHER] })
    await assertRefused(readUnder(store, { ifMatch: [OTHER] }), 'PreconditionFailed')
    await assertRefused(readUnder(store, { ifNoneMatch: [OTHER, etag] }), 'NotModified', { etag })
    await assertRefused(readUnder(store, { ifNoneMatch: ['*'] }), 'NotModified')
  },

  'reads ask for a time, by the second, and ETags come first': async (store, clock) => {
    await createBucket(store)
    const { etag, modifiedAt } = await put(store, 'key')
    clock.advance(3_600_000)
    const sameSecond = new Date(Math.floor(modifiedAt.getTime() / 1000) * 1000)
    const before = new Date(modifiedAt.getTime() - 1000)
    await readUnder(store, { ifUnmodifiedSince: sameSecond })
    await readUnder(store, { ifModifiedSince: before })
    await assertRefused(readUnder(store, { ifUnmodifiedSince: before }), 'PreconditionFailed')
    await assertRefused(readUnder(store, { ifModifiedSince: sameSecond }), 'NotModified')
    await readUnder(store, { ifMatch: [etag], ifUnmodifiedSince: before })
    await readUnder(store, { ifNoneMatch: [OTHER], ifModifiedSince: sameSecond })
  },

  'a condition on a key that shows nothing is NoSuchKey for a reader': async (store) => {
    await createBucket(store)
    await assertRefused(readUnder(store, { ifMatch: ['*'] }), 'NoSuchKey')
    await assertRefused(readUnder(store, { ifNoneMatch: ['*'] }), 'NoSuchKey')
  },

  'If-None-Match: * writes a key only while it shows nothing': conditional(async (store) => {
    await createBucket(store)
    const condition = { ifNoneMatch: ['*'] }
    await put(store, 'key', { content: 'first', condition })
    await assertRefused(put(store, 'key', { content: 'second', condition }), 'PreconditionFailed')
    await assertRefused(
      store.objects.copy(at('key'), at('key'), { ...PLAIN, condition }),
      'PreconditionFailed',
    )
    assert.equal(await readText(store, at('key')), 'first')
    await remove(store, at('key'))
    await put(store, 'key', { content: 'third', condition })
    assert.equal(await readText(store, at('key')), 'third')
  }),

  'a key behind a delete marker shows nothing to a condition': {
    needs: ['conditionalWrites', 'versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const { etag } = await put(store, 'key', 'old')
      await remove(store, at('key'))
      await assertRefused(
        put(store, 'key', { content: 'x', condition: { ifMatch: [etag] } }),
        'NoSuchKey',
      )
      await put(store, 'key', { content: 'new', condition: { ifNoneMatch: ['*'] } })
      assert.equal((await listVersionIds(store)).length, 3)
    },
  },

  'If-Match writes only over the object that it names': conditional(async (store) => {
    await createBucket(store)
    await assertRefused(
      put(store, 'key', { content: 'x', condition: { ifMatch: ['*'] } }),
      'NoSuchKey',
    )
    const { etag } = await put(store, 'key', 'first')
    const wrong = { condition: { ifMatch: [OTHER] } }
    await assertRefused(put(store, 'key', { content: 'second', ...wrong }), 'PreconditionFailed')
    await put(store, 'key', { content: 'third', condition: { ifMatch: [etag] } })
    await put(store, 'key', { content: 'fourth', condition: { ifMatch: ['*'] } })
    assert.equal(await readText(store, at('key')), 'fourth')
  }),

  'a refused write leaves no trace': conditional(async (store) => {
    await createBucket(store)
    await put(store, 'key', 'first')
    const changes = await readChanges(store)
    for (const size of [1, 100_000, 500_000]) {
      const attempt = put(store, 'key', {
        content: Buffer.alloc(size),
        condition: { ifMatch: [OTHER] },
      })
      await assertRefused(attempt, 'PreconditionFailed')
    }
    assert.deepEqual(await readChanges(store), changes)
    assert.deepEqual(await listKeys(store), ['key'])
  }),

  'a condition holds at the commit, not only when the write began': conditional(async (store) => {
    await createBucket(store)
    const body = bodyOf('late', { onChunk: async () => void (await put(store, 'key', 'early')) })
    const condition = { ifNoneMatch: ['*'] }
    const attempt = store.objects.put(at('key'), body, { ...PLAIN, condition })
    await assertRefused(attempt, 'PreconditionFailed')
    assert.equal(await readText(store, at('key')), 'early')
  }),

  'of writers who race for a new key exactly one wins': conditional(async (store) => {
    await createBucket(store)
    for (const size of [1, 5000, 300_000]) {
      const key = `of ${size}`
      const condition = { ifNoneMatch: ['*'] }
      const race = Array.from({ length: 8 }, (_, writer) =>
        put(store, key, { content: Buffer.alloc(size, `${writer}`), condition }),
      )
      const outcomes = await Promise.allSettled(race)
      const winners = outcomes.filter(({ status }) => status === 'fulfilled')
      assert.equal(winners.length, 1, key)
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'PreconditionFailed')
      }
    }
  }),

  'compare-and-swap by many writers loses no update': conditional(async (store) => {
    await createBucket(store)
    await put(store, 'counter', '0')
    const writer = async (): Promise<void> => {
      for (let times = 0; times < 10; times += 1) await increment(store)
    }
    await Promise.all(Array.from({ length: 8 }, writer))
    assert.equal(await readText(store, at('counter')), '80')
  }),

  'deletes ask for an ETag, a size and a time': conditional(async (store, clock) => {
    await createBucket(store)
    const { etag, modifiedAt } = await put(store, 'key', 'text')
    clock.advance(3_600_000)
    const refused: readonly DeleteCondition[] = [
      { ifMatch: OTHER },
      { ifMatchSize: 5 },
      { ifMatchLastModified: new Date(modifiedAt.getTime() + 1000) },
      { ifMatch: etag, ifMatchSize: 5 },
    ]
    for (const condition of refused) {
      await assertRefused(remove(store, at('key'), { condition }), 'PreconditionFailed')
      await assertRefused(remove(store, at('key', 'null'), { condition }), 'PreconditionFailed')
    }
    await assertRefused(remove(store, at('no'), { condition: { ifMatch: '*' } }), 'NoSuchKey')
    const condition = { ifMatch: etag, ifMatchSize: 4, ifMatchLastModified: modifiedAt }
    await remove(store, at('key'), { condition })
    assert.deepEqual(await listKeys(store), [])
    await remove(store, at('key'), { condition: { ifMatchSize: 4 } })
    await remove(store, at('key', 'null'), { condition: { ifMatch: etag } })
  }),

  'of deleters who race for the same object exactly one removes it': conditional(async (store) => {
    await createBucket(store)
    const { etag } = await put(store, 'key', 'text')
    const race = Array.from({ length: 8 }, () =>
      remove(store, at('key'), { condition: { ifMatch: etag } }),
    )
    const outcomes = await Promise.allSettled(race)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  }),

  'a copy asks of its source, and every failure is PreconditionFailed': async (store) => {
    await createBucket(store)
    const { etag } = await put(store, 'source', 'text')
    const copyIf = async (condition: Condition): Promise<unknown> =>
      store.objects.copy({ ...at('source'), condition }, at('target'), PLAIN)
    await assertRefused(copyIf({ ifMatch: [OTHER] }), 'PreconditionFailed')
    await assertRefused(copyIf({ ifNoneMatch: [etag] }), 'PreconditionFailed')
    assert.deepEqual(await listKeys(store), ['source'])
    await copyIf({ ifMatch: [etag] })
    assert.equal(await readText(store, at('target')), 'text')
  },
}
