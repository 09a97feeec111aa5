import assert from 'node:assert/strict'
import type { ObjectStore, PutOptions } from '../object-store.ts'
import {
  at,
  CHANGE,
  createBucket,
  listKeys,
  ORIGIN,
  PLAIN,
  put,
  read,
  readText,
  remove,
} from './actions.ts'
import { bodyOf, checksumOf, md5Of } from './bytes.ts'
import { assertRefused, type Truths } from './truth.ts'

/** Everything that a version can be given. */
const RICH: PutOptions = {
  origin: ORIGIN,
  owner: 'bob',
  headers: {
    contentType: 'text/plain; charset=utf-8',
    cacheControl: 'no-store',
    contentDisposition: 'attachment; filename="ä.txt"',
    contentEncoding: 'gzip',
    contentLanguage: 'de',
    expires: 'not a date',
    websiteRedirectLocation: '/elsewhere',
  },
  metadata: [
    ['b', 'two'],
    ['a', ''],
    ['__proto__', 'harmless'],
    ['umlaut', 'ä€😀'],
  ],
  tags: [
    ['stage', 'raw'],
    ['constructor', 'x'],
  ],
  storageClass: 'STANDARD',
  acl: '{"grants": []}',
}

async function putRich(store: ObjectStore, key: string): Promise<void> {
  await store.objects.put(at(key), bodyOf('rich', { algorithm: 'SHA256' }), RICH)
}

export const OBJECT_TRUTHS: Truths = {
  'what is put is read back, with everything that was said of it': async (store, clock) => {
    await createBucket(store)
    const made = await store.objects.put(at('key'), bodyOf('text', { algorithm: 'SHA256' }), RICH)
    const { sequence: _, ...version } = made
    const { origin: _origin, ...given } = RICH
    assert.deepEqual(version, {
      ...given,
      ...at('key'),
      deleteMarker: false,
      versionId: 'null',
      modifiedAt: new Date(clock.now()),
      size: 4,
      etag: md5Of(Buffer.from('text')),
      checksum: checksumOf('SHA256', Buffer.from('text')),
      legalHold: false,
    })
    const found = await store.objects.head(at('key'), {})
    assert.deepEqual(found, { version: made, range: { start: 0, end: 4 }, parts: [] })
    const { bytes, ...opened } = await store.objects.get(at('key'), {})
    await bytes.return()
    assert.deepEqual(opened, found)
    assert.equal(await readText(store, at('key')), 'text')
  },

  'a second put replaces the first whole': async (store) => {
    await createBucket(store)
    await putRich(store, 'key')
    await put(store, 'key', 'second')
    const { version } = await store.objects.head(at('key'), {})
    assert.equal(await readText(store, at('key')), 'second')
    assert.deepEqual([version.metadata, version.tags, version.headers], [[], [], {}])
    assert.equal(version.acl, undefined)
    assert.equal(version.checksum, undefined)
    assert.deepEqual(await listKeys(store), ['key'])
  },

  'a newer version has the higher sequence': async (store) => {
    await createBucket(store)
    const first = await put(store, 'key', 'first')
    const second = await put(store, 'key', 'second')
    assert.ok(second.sequence > first.sequence)
  },

  'a key that is not there is NoSuchKey, a version NoSuchVersion': async (store) => {
    await createBucket(store)
    await put(store, 'key')
    await assertRefused(store.objects.get(at('other'), {}), 'NoSuchKey', { key: 'other' })
    await assertRefused(store.objects.head(at('ke'), {}), 'NoSuchKey')
    await assertRefused(store.objects.head(at('key', 'f'.repeat(32)), {}), 'NoSuchVersion')
    await assertRefused(store.objects.head(at('key', 'nonsense'), {}), 'NoSuchVersion')
    const tags = { kind: 'tags', tags: [] } as const
    await assertRefused(store.objects.update(at('other'), tags, CHANGE), 'NoSuchKey')
  },

  'without versioning an object is its own version null': async (store) => {
    await createBucket(store)
    await put(store, 'key', 'text')
    assert.equal(await readText(store, at('key', 'null')), 'text')
    const { versions } = await store.objects.listVersions(at('key').bucket, { limit: 10 })
    assert.deepEqual(
      versions.map(({ versionId, isLatest }) => [versionId, isLatest]),
      [['null', true]],
    )
  },

  'without versioning a delete removes, and a missing key is no error': async (store) => {
    await createBucket(store)
    await put(store, 'key')
    assert.deepEqual(await remove(store, at('key')), { deleteMarker: false })
    assert.deepEqual(await remove(store, at('key')), { deleteMarker: false })
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
    await put(store, 'key')
    const outcome = await remove(store, at('key', 'null'))
    assert.deepEqual(outcome, { versionId: 'null', deleteMarker: false })
    assert.deepEqual(await listKeys(store), [])
  },

  'tags and ACL change in place; all else stays as it is': async (store, clock) => {
    await createBucket(store)
    await putRich(store, 'key')
    const { version: before } = await store.objects.head(at('key'), {})
    clock.advance(60_000)
    const tags = [['stage', 'clean']] as const
    await store.objects.update(at('key'), { kind: 'tags', tags }, CHANGE)
    const updated = await store.objects.update(at('key'), { kind: 'acl', acl: 'private' }, CHANGE)
    const { version: after } = await store.objects.head(at('key'), {})
    assert.deepEqual(after, { ...before, tags, acl: 'private' })
    assert.deepEqual(updated, after)
    assert.equal(await readText(store, at('key')), 'rich')
  },

  'a copy has the bytes, ETag, checksum and description of its source': async (store, clock) => {
    await createBucket(store)
    await putRich(store, 'source')
    clock.advance(60_000)
    const { origin, owner, storageClass } = PLAIN
    await store.objects.copy(at('source'), at('target'), { origin, owner, storageClass })
    const { version: source } = await store.objects.head(at('source'), {})
    const { version: target } = await store.objects.head(at('target'), {})
    const { sequence, modifiedAt, acl: _, ...same } = target
    assert.deepEqual(
      { ...same, acl: RICH.acl },
      { ...omitStamp(source), key: 'target', owner: 'alice' },
    )
    assert.ok(sequence > source.sequence)
    assert.deepEqual(modifiedAt, new Date(clock.now()))
    assert.equal(await readText(store, at('target')), 'rich')
  },

  'a copy takes headers, metadata and tags of its own': async (store) => {
    await createBucket(store)
    await putRich(store, 'source')
    await store.objects.copy(at('source'), at('target'), { ...PLAIN, metadata: [['new', 'yes']] })
    const { version } = await store.objects.head(at('target'), {})
    assert.deepEqual([version.headers, version.tags], [{}, []])
    assert.deepEqual(version.metadata, [['new', 'yes']])
  },

  'a copy onto itself replaces the description and keeps the bytes': async (store) => {
    await createBucket(store)
    await putRich(store, 'key')
    await store.objects.copy(at('key'), at('key'), { ...PLAIN, metadata: [['new', 'yes']] })
    assert.deepEqual((await store.objects.head(at('key'), {})).version.metadata, [['new', 'yes']])
    assert.equal(await readText(store, at('key')), 'rich')
  },

  'a copy outlives its source, across buckets': async (store) => {
    await createBucket(store)
    await store.buckets.create('elsewhere', { ...CHANGE, owner: 'alice', objectLock: false })
    for (const size of [0, 10, 100_000, 300_000]) {
      const bytes = Buffer.alloc(size, 'x')
      await put(store, 'source', bytes)
      const target = { bucket: 'elsewhere', key: `target-${size}` }
      await store.objects.copy(at('source'), target, PLAIN)
      await remove(store, at('source'))
      assert.ok(bytes.equals(await read(store, target)))
    }
  },

  'a copy of what is not there makes nothing': async (store) => {
    await createBucket(store)
    await assertRefused(store.objects.copy(at('source'), at('target'), PLAIN), 'NoSuchKey', {
      key: 'source',
    })
    const foreign = { bucket: 'elsewhere', key: 'source' }
    await assertRefused(store.objects.copy(foreign, at('target'), PLAIN), 'NoSuchBucket')
    assert.deepEqual(await listKeys(store), [])
  },
}

function omitStamp<Version extends { sequence: bigint; modifiedAt: Date }>(
  version: Version,
): Omit<Version, 'sequence' | 'modifiedAt'> {
  const { sequence: _sequence, modifiedAt: _modifiedAt, ...rest } = version
  return rest
}
