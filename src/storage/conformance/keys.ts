import assert from 'node:assert/strict'
import { compareUtf8 } from '../../base/utf8-order.ts'
import type { ObjectStore } from '../object-store.ts'
import { at, createBucket, listKeys, put, readText, remove } from './actions.ts'
import { assertRefused, type Truths } from './truth.ts'

const STRANGE_KEYS = [
  'a',
  'a/',
  'a//b',
  'a/b',
  'a/b/c',
  'a/./b',
  'a/../b',
  '/a',
  '//',
  '/',
  '.',
  '..',
  ' ',
  ' a ',
  'A',
  'a b+c%20d%2Fe?f#g&h=i',
  '\\back\\slash',
  '"quotes" \'and\' <angles>',
  'line\nbreak\r\n',
  '\0',
  'a\0',
  'a\0b',
  'a\0\0',
  '\u0001',
  '\u001f\u007f\u0080',
  'é', // One code point,
  'e\u0301', // and the same letter as two: another key.
  'ﬀ',
  '\ud7ff',
  '\ue000',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '😀',
  '\u{10000}',
  '\u{10ffff}',
  '__proto__',
  'constructor',
  'null',
  'con.txt',
  'x'.repeat(256) + '/' + 'y'.repeat(256),
] as const

const LONGEST_KEYS = [
  'k'.repeat(1024),
  '\0'.repeat(1024),
  '\u{10ffff}'.repeat(256),
  '€'.repeat(341) + 'k',
  '/'.repeat(1024),
] as const

async function assertKept(store: ObjectStore, keys: readonly string[]): Promise<void> {
  await createBucket(store)
  for (const [number, key] of keys.entries()) await put(store, key, `content ${number}`)
  for (const [number, key] of keys.entries()) {
    assert.equal(await readText(store, at(key)), `content ${number}`, JSON.stringify(key))
  }
  assert.deepEqual(await listKeys(store), keys.toSorted(compareUtf8))
}

export const KEY_TRUTHS: Truths = {
  'keys are kept exactly, whatever they say': async (store) => {
    await assertKept(store, STRANGE_KEYS)
  },

  'keys of 1,024 bytes are kept, be they NULs or characters of four bytes': async (store) => {
    for (const key of LONGEST_KEYS) assert.equal(Buffer.byteLength(key), 1024)
    await assertKept(store, LONGEST_KEYS)
  },

  'keys list in UTF-8 byte order, not UTF-16 order': async (store) => {
    await createBucket(store)
    for (const key of ['😀', '\uffff', 'z', '\ue000']) await put(store, key)
    assert.deepEqual(await listKeys(store), ['z', '\ue000', '\uffff', '😀'])
  },

  'keys that are prefixes of one another live and die apart': async (store) => {
    await createBucket(store)
    const keys = ['a', 'a/', 'a/b', 'a/b/c', 'a/b/c/d']
    for (const key of keys) await put(store, key)
    await remove(store, at('a/b'))
    assert.deepEqual(await listKeys(store), ['a', 'a/', 'a/b/c', 'a/b/c/d'])
    await assertRefused(store.objects.head(at('a/b'), {}), 'NoSuchKey')
    assert.equal(await readText(store, at('a/b/c')), 'a/b/c')
  },

  'a key with a NUL has its versions apart from the key without': {
    needs: ['versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      for (const key of ['a', 'a\0', 'a\0\0', 'a\u0001']) {
        await put(store, key, `${key} one`)
        await put(store, key, `${key} two`)
      }
      await remove(store, at('a'))
      assert.deepEqual(await listKeys(store), ['a\0', 'a\0\0', 'a\u0001'])
      const { versions } = await store.objects.listVersions('bucket', { limit: 100 })
      assert.deepEqual(
        versions.map(({ key }) => key),
        ['a', 'a', 'a', 'a\0', 'a\0', 'a\0\0', 'a\0\0', 'a\u0001', 'a\u0001'],
      )
      assert.equal(await readText(store, at('a\0')), 'a\0 two')
    },
  },
}
