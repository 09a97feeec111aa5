import assert from 'node:assert/strict'
import { BUCKET, CHANGE, createBucket } from './actions.ts'
import { LIMITS } from '../limits.ts'
import type { Truths } from './truth.ts'

export const DOCUMENT_TRUTHS: Truths = {
  'a document is found as it was put, and replaced whole': async (store, clock) => {
    await createBucket(store)
    assert.equal(await store.documents.find(BUCKET, 'policy'), undefined)
    const put = { name: 'policy', content: '{"Statement": "ä😀\\u0000\0"}' }
    const stored = await store.documents.put(BUCKET, put, CHANGE)
    assert.deepEqual(stored, { ...put, modifiedAt: new Date(clock.now()) })
    assert.deepEqual(await store.documents.find(BUCKET, 'policy'), stored)
    clock.advance(1000)
    const second = await store.documents.put(BUCKET, { name: 'policy', content: '' }, CHANGE)
    assert.deepEqual(await store.documents.find(BUCKET, 'policy'), second)
    assert.equal(second.modifiedAt.getTime() - stored.modifiedAt.getTime(), 1000)
  },

  'a document of the largest size is kept': async (store) => {
    await createBucket(store)
    const content = 'd'.repeat(LIMITS.documentBytes)
    await store.documents.put(BUCKET, { name: 'cors', content }, CHANGE)
    assert.equal((await store.documents.find(BUCKET, 'cors'))?.content, content)
  },

  'documents list by name, each in its own bucket': async (store) => {
    await createBucket(store)
    await store.buckets.create('other', { ...CHANGE, owner: 'alice', objectLock: false })
    for (const name of ['policy', 'cors', 'lifecycle']) {
      await store.documents.put(BUCKET, { name, content: `${name} of bucket` }, CHANGE)
    }
    await store.documents.put('other', { name: 'cors', content: 'cors of other' }, CHANGE)
    const listed = await store.documents.list(BUCKET)
    assert.deepEqual(
      listed.map(({ name, content }) => [name, content]),
      [
        ['cors', 'cors of bucket'],
        ['lifecycle', 'lifecycle of bucket'],
        ['policy', 'policy of bucket'],
      ],
    )
    assert.equal((await store.documents.list('other')).length, 1)
  },

  'a deleted document is gone, and deleting it again is no error': async (store) => {
    await createBucket(store)
    await store.documents.put(BUCKET, { name: 'cors', content: 'x' }, CHANGE)
    await store.documents.delete(BUCKET, 'cors', CHANGE)
    await store.documents.delete(BUCKET, 'cors', CHANGE)
    assert.equal(await store.documents.find(BUCKET, 'cors'), undefined)
    assert.deepEqual(await store.documents.list(BUCKET), [])
  },
}
