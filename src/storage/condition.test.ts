import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertCopyCondition,
  assertDeleteCondition,
  assertReadCondition,
  assertWriteCondition,
  type Condition,
} from './condition.ts'
import type { StorageErrorDetails } from './storage-error.ts'

const AT = new Date('2026-01-02T03:04:05.900Z')
const BEFORE = new Date('2026-01-02T03:04:04Z')
const SAME_SECOND = new Date('2026-01-02T03:04:05Z')

const current = { key: 'key', versionId: 'null', etag: 'a', modifiedAt: AT, size: 4 } as const

type Outcome = 'passes' | 'PreconditionFailed' | 'NotModified' | 'NoSuchKey'

function outcomeOf(check: () => void): unknown {
  try {
    check()
    return 'passes'
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error)
    return error.code
  }
}

const READS: readonly (readonly [condition: Condition, read: Outcome, copy: Outcome])[] = [
  [{}, 'passes', 'passes'],
  [{ ifMatch: ['a'] }, 'passes', 'passes'],
  [{ ifMatch: ['b', 'a'] }, 'passes', 'passes'],
  [{ ifMatch: ['*'] }, 'passes', 'passes'],
  [{ ifMatch: ['b'] }, 'PreconditionFailed', 'PreconditionFailed'],
  [{ ifMatch: [] }, 'PreconditionFailed', 'PreconditionFailed'],
  [{ ifNoneMatch: ['b'] }, 'passes', 'passes'],
  [{ ifNoneMatch: ['a'] }, 'NotModified', 'PreconditionFailed'],
  [{ ifNoneMatch: ['*'] }, 'NotModified', 'PreconditionFailed'],
  [{ ifUnmodifiedSince: SAME_SECOND }, 'passes', 'passes'],
  [{ ifUnmodifiedSince: BEFORE }, 'PreconditionFailed', 'PreconditionFailed'],
  [{ ifModifiedSince: BEFORE }, 'passes', 'passes'],
  [{ ifModifiedSince: SAME_SECOND }, 'NotModified', 'PreconditionFailed'],
  // An ETag outweighs the time beside it: RFC 9110 §13.2.2.
  [{ ifMatch: ['a'], ifUnmodifiedSince: BEFORE }, 'passes', 'passes'],
  [{ ifNoneMatch: ['b'], ifModifiedSince: AT }, 'passes', 'passes'],
  [{ ifMatch: ['b'], ifNoneMatch: ['a'] }, 'PreconditionFailed', 'PreconditionFailed'],
  [{ ifMatch: ['a'], ifNoneMatch: ['a'] }, 'NotModified', 'PreconditionFailed'],
]

test('reads and copies are answered as RFC 9110 orders the conditions', () => {
  for (const [condition, read, copy] of READS) {
    const name = JSON.stringify(condition)
    assert.equal(
      outcomeOf(() => assertReadCondition(condition, current)),
      read,
      name,
    )
    assert.equal(
      outcomeOf(() => assertCopyCondition(condition, current)),
      copy,
      name,
    )
  }
})

test('without a condition everything passes', () => {
  assertReadCondition(undefined, current)
  assertWriteCondition(undefined, undefined, 'key')
  assertDeleteCondition(undefined, undefined, 'key')
  assertDeleteCondition({}, undefined, 'key')
})

test('a write compares with what the key shows, and If-Match needs something there', () => {
  const writes = (condition: Condition, there: typeof current | undefined): unknown =>
    outcomeOf(() => assertWriteCondition(condition, there, 'key'))
  assert.equal(writes({ ifMatch: ['a'] }, current), 'passes')
  assert.equal(writes({ ifMatch: ['b'] }, current), 'PreconditionFailed')
  assert.equal(writes({ ifMatch: ['*'] }, undefined), 'NoSuchKey')
  assert.equal(writes({ ifNoneMatch: ['*'] }, undefined), 'passes')
  assert.equal(writes({ ifNoneMatch: ['*'] }, current), 'PreconditionFailed')
  assert.equal(writes({ ifNoneMatch: ['b'] }, current), 'passes')
})

const marker = {
  bucket: 'b',
  key: 'key',
  versionId: 'null',
  sequence: 1n,
  modifiedAt: AT,
  owner: 'a',
  deleteMarker: true,
} as const

function deletes(
  condition: Parameters<typeof assertDeleteCondition>[0],
  there: Parameters<typeof assertDeleteCondition>[1],
): unknown {
  return outcomeOf(() => assertDeleteCondition(condition, there, 'key'))
}

test('a delete needs all that it names to hold', () => {
  const all = { ifMatch: 'a', ifMatchSize: 4, ifMatchLastModified: AT }
  assert.equal(deletes(all, current), 'passes')
  assert.equal(deletes({ ifMatch: '*' }, current), 'passes')
  assert.equal(deletes({ ifMatchLastModified: SAME_SECOND }, current), 'passes')
  assert.equal(deletes({ ifMatch: 'b', ifMatchSize: 4 }, current), 'PreconditionFailed')
  assert.equal(deletes({ ifMatch: 'a', ifMatchSize: 0 }, current), 'PreconditionFailed')
  assert.equal(deletes({ ifMatchLastModified: BEFORE }, current), 'PreconditionFailed')
})

test('where there is no object, an ETag is asked in vain, and a size of nothing holds', () => {
  assert.equal(deletes({ ifMatch: '*' }, undefined), 'NoSuchKey')
  assert.equal(deletes({ ifMatch: '*' }, marker), 'NoSuchKey')
  assert.equal(deletes({ ifMatchSize: 4, ifMatchLastModified: AT }, undefined), 'passes')
  assert.equal(deletes({ ifMatchSize: 0 }, marker), 'PreconditionFailed')
  assert.equal(deletes({ ifMatchLastModified: AT }, marker), 'PreconditionFailed')
})

test('a refusal says which object it met, and which header refused it', () => {
  const condition = { ifNoneMatch: ['a'] }
  assert.throws(() => assertReadCondition(condition, current), {
    code: 'NotModified',
    details: {
      key: 'key',
      versionId: 'null',
      condition: 'If-None-Match',
      etag: 'a',
      modifiedAt: AT,
    } satisfies StorageErrorDetails,
  })
})
