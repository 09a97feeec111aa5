import assert from 'node:assert/strict'
import type { ObjectStore, UpdateOptions } from '../object-store.ts'
import type { ObjectVersion } from '../object-version.ts'
import type { Retention } from '../retention.ts'
import { at, CHANGE, createBucket, PLAIN, put, readText, remove } from './actions.ts'
import { assertRefused, type Proof, type Truth, type Truths } from './truth.ts'

const DAY_MS = 86_400_000
const BYPASS = { bypassGovernance: true }

function locking(proof: Proof): Truth {
  return { needs: ['objectLock'], proof }
}

function retain(mode: Retention['mode'], now: number, days: number): Retention {
  return { mode, until: new Date(now + days * DAY_MS) }
}

function setRetention(
  store: ObjectStore,
  retention: Retention | undefined,
  options: Partial<UpdateOptions> = {},
): Promise<ObjectVersion> {
  const change = { kind: 'retention', retention } as const
  return store.objects.update(at('key'), change, { ...CHANGE, ...options })
}

async function hold(store: ObjectStore): Promise<void> {
  await store.objects.update(at('key'), { kind: 'legal-hold', legalHold: true }, CHANGE)
}

async function release(store: ObjectStore): Promise<void> {
  await store.objects.update(at('key'), { kind: 'legal-hold', legalHold: false }, CHANGE)
}

export const OBJECT_LOCK_TRUTHS: Truths = {
  'without object lock, retention and holds are refused': locking(async (store, clock) => {
    await createBucket(store, 'enabled')
    const retention = retain('GOVERNANCE', clock.now(), 1)
    await assertRefused(put(store, 'key', { content: 'x', retention }), 'ObjectLockNotEnabled')
    await assertRefused(
      put(store, 'key', { content: 'x', legalHold: true }),
      'ObjectLockNotEnabled',
    )
    await put(store, 'key')
    await assertRefused(setRetention(store, retention), 'ObjectLockNotEnabled')
    await assertRefused(hold(store), 'ObjectLockNotEnabled')
    await store.objects.head(at('key'), {})
  }),

  'governance keeps a version until its time, or until a bypass': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const retention = retain('GOVERNANCE', clock.now(), 1)
    const one = await put(store, 'key', { content: 'one', retention })
    const two = await put(store, 'key', { content: 'two', retention })
    assert.deepEqual((await store.objects.head(at('key'), {})).version.retention, retention)
    await assertRefused(remove(store, at('key', one.versionId)), 'ObjectLocked')
    await remove(store, at('key', one.versionId), BYPASS)
    await assertRefused(remove(store, at('key', two.versionId)), 'ObjectLocked')
    clock.advance(DAY_MS)
    await remove(store, at('key', two.versionId))
    await assertRefused(store.objects.head(at('key'), {}), 'NoSuchKey')
  }),

  'compliance keeps a version until its time, against everybody': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const retention = retain('COMPLIANCE', clock.now(), 1)
    const { versionId } = await put(store, 'key', { content: 'text', retention })
    clock.advance(DAY_MS - 1)
    await assertRefused(remove(store, at('key', versionId), BYPASS), 'ObjectLocked')
    clock.advance(1)
    await remove(store, at('key', versionId))
  }),

  'a legal hold has no end and no bypass': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const { versionId } = await put(store, 'key', { content: 'text', legalHold: true })
    clock.advance(10_000 * DAY_MS)
    await assertRefused(remove(store, at('key', versionId), BYPASS), 'ObjectLocked')
    await release(store)
    await hold(store)
    await assertRefused(remove(store, at('key', versionId), BYPASS), 'ObjectLocked')
    await release(store)
    await remove(store, at('key', versionId))
  }),

  'a locked version may be hidden and covered, for it stays': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const retention = retain('COMPLIANCE', clock.now(), 1)
    const { versionId } = await put(store, 'key', { content: 'locked', retention, legalHold: true })
    await put(store, 'key', 'newer')
    const marker = await remove(store, at('key'))
    assert.equal(marker.deleteMarker, true)
    assert.equal(await readText(store, at('key', versionId)), 'locked')
    await remove(store, at('key', marker.versionId))
    assert.equal(await readText(store, at('key')), 'newer')
  }),

  'governance is loosened only by a bypass, extended by anyone': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const now = clock.now()
    await put(store, 'key', { content: 'text', retention: retain('GOVERNANCE', now, 2) })
    const shorter = retain('GOVERNANCE', now, 1)
    await assertRefused(setRetention(store, shorter), 'ObjectLocked')
    await assertRefused(setRetention(store, undefined), 'ObjectLocked')
    await setRetention(store, retain('GOVERNANCE', now, 3))
    await setRetention(store, shorter, BYPASS)
    const { retention: _, ...bare } = await setRetention(store, undefined, BYPASS)
    const { version } = await store.objects.head(at('key'), {})
    assert.deepEqual(version, bare)
    await remove(store, at('key', version.versionId))
  }),

  'compliance is extended, never loosened': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const now = clock.now()
    await put(store, 'key', { content: 'text', retention: retain('GOVERNANCE', now, 2) })
    await assertRefused(setRetention(store, retain('COMPLIANCE', now, 2)), 'ObjectLocked')
    await setRetention(store, retain('COMPLIANCE', now, 2), BYPASS)
    const looser = [undefined, retain('COMPLIANCE', now, 1), retain('GOVERNANCE', now, 9)]
    for (const retention of looser) {
      await assertRefused(setRetention(store, retention, BYPASS), 'ObjectLocked')
    }
    await setRetention(store, retain('COMPLIANCE', now, 3))
    const { version } = await store.objects.head(at('key'), {})
    assert.deepEqual(version.retention, retain('COMPLIANCE', now, 3))
    clock.advance(3 * DAY_MS)
    await setRetention(store, undefined)
  }),

  'a lock is never copied with its object': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const retention = retain('GOVERNANCE', clock.now(), 1)
    await put(store, 'key', { content: 'text', retention, legalHold: true })
    const copied = await store.objects.copy(at('key'), at('bare'), PLAIN)
    assert.deepEqual([copied.retention, copied.legalHold], [undefined, false])
    const locked = await store.objects.copy(at('key'), at('locked'), { ...PLAIN, retention })
    await assertRefused(remove(store, at('locked', locked.versionId)), 'ObjectLocked')
  }),

  'a version null that is locked cannot be replaced': locking(async (store, clock) => {
    await createBucket(store)
    await put(store, 'key', 'text')
    await store.buckets.update('bucket', { versioning: 'enabled', objectLock: true }, CHANGE)
    await setRetention(store, retain('COMPLIANCE', clock.now(), 1))
    await assertRefused(remove(store, at('key', 'null'), BYPASS), 'ObjectLocked')
    await put(store, 'key', 'newer')
    assert.equal(await readText(store, at('key', 'null')), 'text')
  }),

  'a condition that holds opens no lock': locking(async (store, clock) => {
    await createBucket(store, 'locked')
    const retention = retain('GOVERNANCE', clock.now(), 1)
    const { versionId, etag } = await put(store, 'key', { content: 'text', retention })
    const condition = { ifMatch: etag }
    await assertRefused(remove(store, at('key', versionId), { condition }), 'ObjectLocked')
    await remove(store, at('key', versionId), { condition, ...BYPASS })
  }),
}
