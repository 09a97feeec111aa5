import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeleteMarker, ObjectVersion } from './object-version.ts'
import { planRead, requireObject } from './read-plan.ts'

const NAME = { bucket: 'bucket', key: 'key' }
const AT = new Date('2026-01-01T00:00:00Z')

const object: ObjectVersion = {
  ...NAME,
  deleteMarker: false,
  versionId: 'v1',
  sequence: 1n,
  modifiedAt: AT,
  owner: 'alice',
  size: 60,
  etag: 'etag',
  headers: {},
  metadata: [],
  tags: [],
  storageClass: 'STANDARD',
  legalHold: false,
}

const marker: DeleteMarker = {
  ...NAME,
  deleteMarker: true,
  versionId: 'v2',
  sequence: 2n,
  modifiedAt: AT,
  owner: 'alice',
}

const parts = [
  { partNumber: 2, size: 10 },
  { partNumber: 5, size: 20 },
  { partNumber: 9, size: 30 },
]

test('an object is itself, by its key and by its id', () => {
  assert.equal(requireObject(NAME, object), object)
  assert.equal(requireObject({ ...NAME, versionId: 'v1' }, object), object)
})

test('a refusal tells a missing key, a missing version and a marker apart', () => {
  const v2 = { ...NAME, versionId: 'v2' }
  assert.throws(() => requireObject(NAME, undefined), { code: 'NoSuchKey', details: NAME })
  assert.throws(() => requireObject(v2, undefined), { code: 'NoSuchVersion', details: v2 })
  const details = { ...v2, modifiedAt: AT }
  assert.throws(() => requireObject(NAME, marker), { code: 'NoSuchKey', details })
  assert.throws(() => requireObject(v2, marker), { code: 'VersionIsDeleteMarker', details })
})

function rangeOf(partNumber: number): unknown {
  return planRead(object, parts, { partNumber }).range
}

test('a part is found by its number, wherever it stands', () => {
  assert.deepEqual(rangeOf(2), { start: 0, end: 10 })
  assert.deepEqual(rangeOf(5), { start: 10, end: 30 })
  assert.deepEqual(rangeOf(9), { start: 30, end: 60 })
  assert.throws(() => rangeOf(1), {
    code: 'InvalidPartNumber',
    details: { key: 'key', partNumber: 1 },
  })
})

test('what was stored in one piece is its own part 1', () => {
  const whole = planRead(object, [], { partNumber: 1 })
  assert.deepEqual(whole, { version: object, range: { start: 0, end: 60 }, parts: [] })
  assert.throws(() => planRead(object, [], { partNumber: 2 }), { code: 'InvalidPartNumber' })
})

test('a condition is met before a range', () => {
  const options = { condition: { ifNoneMatch: ['etag'] }, range: { start: 99 } }
  assert.throws(() => planRead(object, [], options), { code: 'NotModified' })
  assert.throws(() => planRead(object, [], { range: { start: 99 } }), { code: 'InvalidRange' })
})
