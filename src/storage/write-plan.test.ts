import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bucket } from './object-store.ts'
import type { DeleteMarker, ObjectVersion, VersionEntry } from './object-version.ts'
import {
  changeBucket,
  planDelete,
  planPut,
  planUpdate,
  planVersionDelete,
  type CommitStamp,
  type KeyState,
  type UnstampedVersion,
} from './write-plan.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const LATER = new Date('2026-02-01T00:00:00Z')
const STAMP: CommitStamp = { sequence: 9n, at: NOW, versionId: 'v9' }
const NAME = { bucket: 'bucket', key: 'key' } as const
const LOCK = { mode: 'COMPLIANCE', until: LATER } as const

function bucketOf(versioning: Bucket['versioning'], objectLock = false): Bucket {
  return { name: 'bucket', createdAt: NOW, owner: 'alice', versioning, objectLock }
}

const MADE: UnstampedVersion = {
  ...NAME,
  deleteMarker: false,
  owner: 'alice',
  size: 4,
  etag: 'new',
  headers: { contentType: 'text/plain', cacheControl: 'no-store' },
  metadata: [['a', 'b']],
  tags: [['c', 'd']],
  storageClass: 'STANDARD',
  legalHold: false,
}

function objectOf(versionId: string, fields: Partial<ObjectVersion> = {}): ObjectVersion {
  return { ...MADE, etag: 'old', versionId, sequence: 1n, modifiedAt: NOW, ...fields }
}

function markerOf(versionId: string): DeleteMarker {
  const { bucket, key } = NAME
  return { bucket, key, versionId, sequence: 1n, modifiedAt: NOW, owner: 'a', deleteMarker: true }
}

function stateOf(
  bucket: Bucket,
  latest?: VersionEntry,
  nullVersion: VersionEntry | undefined = latest?.versionId === 'null' ? latest : undefined,
): KeyState {
  return { bucket, latest, nullVersion }
}

const put = { stamp: STAMP, operation: 'Put', condition: undefined } as const
const plain = { stamp: STAMP, condition: undefined }
const owned = { ...NAME, owner: 'alice' } as const

test('a put without versioning takes the place of what was there', () => {
  const old = objectOf('null')
  const plan = planPut(stateOf(bucketOf('unversioned'), old), MADE, put)
  const added = { ...MADE, versionId: 'null', sequence: 9n, modifiedAt: NOW }
  assert.deepEqual([plan.remove, plan.add, plan.replace], [[old], added, undefined])
  assert.deepEqual(plan.result, added)
  assert.deepEqual(plan.change, {
    operation: 'Put',
    ...NAME,
    versionId: 'null',
    previousVersionId: 'null',
    size: 4,
    etag: 'new',
    storageClass: 'STANDARD',
    metadata: [['a', 'b']],
    tags: [['c', 'd']],
    contentType: 'text/plain',
  })
})

test('a put with versioning removes nothing, not even the version null', () => {
  const old = objectOf('null')
  const plan = planPut(stateOf(bucketOf('enabled'), old), MADE, put)
  assert.deepEqual([plan.remove, plan.add?.versionId], [[], 'v9'])
  assert.equal(plan.change?.previousVersionId, 'null')
})

test('a put while suspended removes the version null, wherever it stands', () => {
  const buried = objectOf('null')
  const plan = planPut(stateOf(bucketOf('suspended'), objectOf('v1'), buried), MADE, put)
  assert.deepEqual([plan.remove, plan.add?.versionId], [[buried], 'null'])
  assert.equal(plan.change?.previousVersionId, 'v1')
})

test('what a marker hides was not shown before', () => {
  const plan = planPut(stateOf(bucketOf('enabled'), markerOf('v1')), MADE, put)
  assert.equal(plan.change?.previousVersionId, undefined)
})

test('a locked version null is not replaced, by an object or a marker', () => {
  for (const fields of [{ retention: LOCK }, { legalHold: true }]) {
    const state = stateOf(bucketOf('suspended', true), objectOf('null', fields))
    assert.throws(() => planPut(state, MADE, put), { code: 'ObjectLocked' })
    assert.throws(() => planDelete(state, owned, plain), { code: 'ObjectLocked' })
  }
})

test('retention and holds need a bucket with object lock', () => {
  for (const fields of [{ retention: LOCK }, { legalHold: true }]) {
    const made = { ...MADE, ...fields }
    const unlocked = stateOf(bucketOf('enabled'))
    assert.throws(() => planPut(unlocked, made, put), { code: 'ObjectLockNotEnabled' })
    planPut(stateOf(bucketOf('enabled', true)), made, put)
  }
})

test('a delete without versioning removes, and says nothing of what was not there', () => {
  const old = objectOf('null')
  assert.deepEqual(planDelete(stateOf(bucketOf('unversioned'), old), owned, plain), {
    remove: [old],
    change: { operation: 'Delete', ...NAME, previousVersionId: 'null' },
    result: { deleteMarker: false },
  })
  assert.deepEqual(planDelete(stateOf(bucketOf('unversioned')), owned, plain), {
    remove: [],
    result: { deleteMarker: false },
  })
})

test('a delete with versioning adds a marker, each time anew', () => {
  for (const latest of [undefined, objectOf('v1'), markerOf('v1')]) {
    const plan = planDelete(stateOf(bucketOf('enabled'), latest), owned, plain)
    assert.deepEqual(plan.remove, [])
    assert.deepEqual(plan.add, { ...markerOf('v9'), owner: 'alice', sequence: 9n })
    assert.deepEqual(plan.result, { versionId: 'v9', deleteMarker: true })
    assert.equal(plan.change?.operation, 'DeleteMarker')
  }
})

test('removing a version says what it was', () => {
  const named = { ...NAME, versionId: 'v1' }
  const object = planVersionDelete(objectOf('v1'), named, plain)
  assert.deepEqual(object.result, { versionId: 'v1', deleteMarker: false })
  assert.deepEqual(object.change, { operation: 'Delete', ...named })
  const marker = planVersionDelete(markerOf('v1'), named, plain)
  assert.deepEqual(marker.result, { versionId: 'v1', deleteMarker: true })
  const nothing = planVersionDelete(undefined, named, plain)
  assert.deepEqual(nothing, { remove: [], result: { versionId: 'v1', deleteMarker: false } })
})

test('a locked version is removed only by a bypass of governance', () => {
  const named = { ...NAME, versionId: 'v1' }
  const locked = objectOf('v1', { retention: { mode: 'GOVERNANCE', until: LATER } })
  assert.throws(() => planVersionDelete(locked, named, plain), { code: 'ObjectLocked' })
  const plan = planVersionDelete(locked, named, { ...plain, bypassGovernance: true })
  assert.deepEqual(plan.remove, [locked])
})

test('conditions are met by what the key shows, or by the version that is named', () => {
  const state = stateOf(bucketOf('enabled'), objectOf('v1'))
  const condition = { ifMatch: ['other'] }
  assert.throws(() => planPut(state, MADE, { ...put, condition }), { code: 'PreconditionFailed' })
  const deletion = { ...plain, condition: { ifMatch: 'other' } }
  assert.throws(() => planDelete(state, owned, deletion), { code: 'PreconditionFailed' })
  const named = { ...NAME, versionId: 'v1' }
  assert.throws(() => planVersionDelete(objectOf('v1'), named, deletion), {
    code: 'PreconditionFailed',
  })
  assert.throws(() => planVersionDelete(markerOf('v1'), named, deletion), { code: 'NoSuchKey' })
})

test('an update replaces one thing and keeps id, sequence and time', () => {
  const target = objectOf('v1', { legalHold: true })
  const options = { now: LATER, bypassGovernance: undefined }
  const bucket = bucketOf('enabled', true)
  const tagged = planUpdate(bucket, target, { ...options, change: { kind: 'tags', tags: [] } })
  assert.deepEqual(tagged.replace, { ...target, tags: [] })
  assert.deepEqual([tagged.remove, tagged.add], [[], undefined])
  assert.deepEqual([tagged.change?.operation, tagged.change?.tags], ['Tagging', []])
  const released = { kind: 'legal-hold', legalHold: false } as const
  const plan = planUpdate(bucket, target, { ...options, change: released })
  assert.deepEqual(plan.result, { ...target, legalHold: false })
  assert.equal(plan.change?.operation, 'LegalHold')
})

test('a retention is taken away whole', () => {
  const target = objectOf('v1', { retention: { mode: 'GOVERNANCE', until: LATER } })
  const change = { kind: 'retention', retention: undefined } as const
  const bucket = bucketOf('enabled', true)
  const options = { change, now: NOW }
  assert.throws(() => planUpdate(bucket, target, { ...options, bypassGovernance: false }), {
    code: 'ObjectLocked',
  })
  const plan = planUpdate(bucket, target, { ...options, bypassGovernance: true })
  assert.deepEqual(plan.result, objectOf('v1'))
  assert.ok(!('retention' in plan.result))
})

test('object lock needs versioning, and keeps it', () => {
  const locked = { code: 'VersioningLocked' }
  const [plainBucket, versioned] = [bucketOf('unversioned'), bucketOf('enabled')]
  assert.throws(() => changeBucket(plainBucket, { objectLock: true }), locked)
  const both = changeBucket(plainBucket, { versioning: 'enabled', objectLock: true })
  assert.deepEqual(both, bucketOf('enabled', true))
  assert.deepEqual(changeBucket(versioned, { objectLock: true }), both)
  assert.throws(() => changeBucket(both, { versioning: 'suspended' }), locked)
  assert.deepEqual(changeBucket(versioned, {}), versioned)
})
