import assert from 'node:assert/strict'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  listKeys,
  listVersionIds,
  PLAIN,
  put,
  read,
  readText,
  remove,
  setVersioning,
} from './actions.ts'
import { noise } from './bytes.ts'
import { assertRefused, type Proof, type Truth, type Truths } from './truth.ts'

function versioned(proof: Proof): Truth {
  return { needs: ['versions'], proof }
}

export const VERSION_TRUTHS: Truths = {
  'with versioning every put is kept, newest first': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const made = []
    for (const content of ['one', 'two', 'three']) made.push(await put(store, 'key', content))
    const ids = made.map(({ versionId }) => versionId)
    assert.equal(new Set(ids).size, 3)
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
    assert.deepEqual(
      await listVersionIds(store),
      ids.toReversed().map((id) => `key ${id}`),
    )
    const contents = await Promise.all(ids.map((id) => readText(store, at('key', id))))
    assert.deepEqual(contents, ['one', 'two', 'three'])
    assert.equal(await readText(store, at('key')), 'three')
  }),

  'a version id belongs to its key alone': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const { versionId } = await put(store, 'key')
    await put(store, 'other')
    await assertRefused(store.objects.head(at('other', versionId), {}), 'NoSuchVersion')
    const outcome = await remove(store, at('other', versionId))
    assert.deepEqual(outcome, { versionId, deleteMarker: false })
    assert.equal(await readText(store, at('key', versionId)), 'key')
  }),

  'a delete hides the key behind a marker, which says so': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const { versionId } = await put(store, 'key', 'text')
    const outcome = await remove(store, at('key'))
    assert.equal(outcome.deleteMarker, true)
    const marker = outcome.versionId
    assert.ok(marker !== undefined)
    await assertRefused(store.objects.get(at('key'), {}), 'NoSuchKey', { versionId: marker })
    await assertRefused(store.objects.head(at('key', marker), {}), 'VersionIsDeleteMarker')
    assert.deepEqual(await listKeys(store), [])
    assert.equal(await readText(store, at('key', versionId)), 'text')
    const { versions } = await store.objects.listVersions(BUCKET, { limit: 10 })
    assert.deepEqual(
      versions.map((entry) => [entry.versionId, entry.deleteMarker, entry.isLatest]),
      [
        [marker, true, true],
        [versionId, false, false],
      ],
    )
  }),

  'a delete of a key that never was leaves a marker all the same': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const first = await remove(store, at('key'))
    const second = await remove(store, at('key'))
    assert.deepEqual(await listVersionIds(store), [
      `key ${second.versionId}`,
      `key ${first.versionId}`,
    ])
  }),

  'removing the newest reveals the one before, be it object or marker': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const one = await put(store, 'key', 'one')
    const marker = await remove(store, at('key'))
    const two = await put(store, 'key', 'two')
    assert.equal(await readText(store, at('key')), 'two')
    await remove(store, at('key', two.versionId))
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
    assert.deepEqual(await listKeys(store), [])
    const outcome = await remove(store, at('key', marker.versionId))
    assert.deepEqual(outcome, { versionId: marker.versionId, deleteMarker: true })
    assert.equal(await readText(store, at('key')), 'one')
    assert.deepEqual(await listKeys(store), ['key'])
    await remove(store, at('key', one.versionId))
    assert.deepEqual(await listVersionIds(store), [])
  }),

  'removing an older version leaves the newest as it is': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const [one, two, three] = [
      await put(store, 'key', 'one'),
      await put(store, 'key', 'two'),
      await put(store, 'key', 'three'),
    ]
    await remove(store, at('key', two.versionId))
    await remove(store, at('key', two.versionId))
    assert.equal(await readText(store, at('key')), 'three')
    assert.deepEqual(await listVersionIds(store), [
      `key ${three.versionId}`,
      `key ${one.versionId}`,
    ])
  }),

  'what was there before versioning is the version null, and stays': versioned(async (store) => {
    await createBucket(store)
    await put(store, 'key', 'old')
    await setVersioning(store, 'enabled')
    const { versionId } = await put(store, 'key', 'new')
    assert.deepEqual(await listVersionIds(store), [`key ${versionId}`, 'key null'])
    assert.equal(await readText(store, at('key', 'null')), 'old')
    await remove(store, at('key', versionId))
    assert.equal(await readText(store, at('key')), 'old')
  }),

  'suspended, a put replaces only the version null': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const kept = await put(store, 'key', 'kept')
    await setVersioning(store, 'suspended')
    for (const content of ['first', 'second']) {
      assert.equal((await put(store, 'key', content)).versionId, 'null')
    }
    assert.deepEqual(await listVersionIds(store), ['key null', `key ${kept.versionId}`])
    assert.equal(await readText(store, at('key')), 'second')
    await remove(store, at('key', 'null'))
    assert.equal(await readText(store, at('key')), 'kept')
  }),

  'suspended, a put replaces the version null wherever it stands': versioned(async (store) => {
    await createBucket(store)
    await put(store, 'key', 'null one')
    await setVersioning(store, 'enabled')
    const between = await put(store, 'key', 'between')
    await setVersioning(store, 'suspended')
    await put(store, 'key', 'null two')
    assert.deepEqual(await listVersionIds(store), ['key null', `key ${between.versionId}`])
    assert.equal(await readText(store, at('key', 'null')), 'null two')
  }),

  'suspended, a delete puts a marker null in place of the version null': versioned(
    async (store) => {
      await createBucket(store, 'enabled')
      const kept = await put(store, 'key', 'kept')
      await setVersioning(store, 'suspended')
      await put(store, 'key', 'lost')
      for (let repeated = 0; repeated < 2; repeated += 1) {
        const outcome = await remove(store, at('key'))
        assert.deepEqual(outcome, { versionId: 'null', deleteMarker: true })
        assert.deepEqual(await listVersionIds(store), ['key null', `key ${kept.versionId}`])
      }
      await assertRefused(store.objects.head(at('key', 'null'), {}), 'VersionIsDeleteMarker')
      await remove(store, at('key', 'null'))
      assert.equal(await readText(store, at('key')), 'kept')
    },
  ),

  'after a suspension new versions stand above the version null': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const first = await put(store, 'key', 'first')
    await setVersioning(store, 'suspended')
    await put(store, 'key', 'null')
    await setVersioning(store, 'enabled')
    const last = await put(store, 'key', 'last')
    assert.deepEqual(await listVersionIds(store), [
      `key ${last.versionId}`,
      'key null',
      `key ${first.versionId}`,
    ])
    await remove(store, at('key', last.versionId))
    assert.equal(await readText(store, at('key')), 'null')
    await remove(store, at('key', 'null'))
    assert.equal(await readText(store, at('key')), 'first')
  }),

  'every version keeps its own tags and description': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const one = await put(store, 'key', { content: 'one', metadata: [['number', 'one']] })
    const two = await put(store, 'key', { content: 'two', metadata: [['number', 'two']] })
    const change = { kind: 'tags', tags: [['old', 'yes']] } as const
    await store.objects.update(at('key', one.versionId), change, CHANGE)
    const found = await store.objects.head(at('key', one.versionId), {})
    assert.deepEqual(found.version, { ...one, tags: [['old', 'yes']] })
    assert.deepEqual((await store.objects.head(at('key'), {})).version, two)
  }),

  'an old version is restored by copying it onto its key': versioned(async (store) => {
    await createBucket(store, 'enabled')
    for (const size of [10, 100_000, 400_000]) {
      const old = await put(store, 'key', noise(size, 1))
      await put(store, 'key', noise(size, 2))
      await store.objects.copy(at('key', old.versionId), at('key'), PLAIN)
      await remove(store, at('key', old.versionId))
      assert.ok(noise(size, 1).equals(await read(store, at('key'))), String(size))
    }
  }),

  'a marker cannot be copied or changed': versioned(async (store) => {
    await createBucket(store, 'enabled')
    const { versionId } = await remove(store, at('key'))
    const marker = at('key', versionId)
    const tags = { kind: 'tags', tags: [] } as const
    const { objects } = store
    await assertRefused(objects.copy(marker, at('other'), PLAIN), 'VersionIsDeleteMarker')
    await assertRefused(objects.copy(at('key'), at('other'), PLAIN), 'NoSuchKey')
    await assertRefused(objects.update(marker, tags, CHANGE), 'VersionIsDeleteMarker')
    await assertRefused(objects.update(at('key'), tags, CHANGE), 'NoSuchKey')
  }),
}
