import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assertDeletable,
  assertRetentionChange,
  retentionFromDefault,
  type Retention,
} from './retention.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const LATER = new Date('2026-02-01T00:00:00Z')
const LATEST = new Date('2026-03-01T00:00:00Z')
const LOCKED = { code: 'ObjectLocked', details: { key: 'key', versionId: 'v1' } } as const

function version(retention?: Retention, legalHold = false) {
  return { key: 'key', versionId: 'v1', legalHold, ...(retention && { retention }) }
}

const withBypass = { now: NOW, bypassGovernance: true }
const plain = { now: NOW, bypassGovernance: false }

test('a bucket gives days, or years of 365 days', () => {
  assert.deepEqual(retentionFromDefault({ mode: 'GOVERNANCE', days: 31 }, NOW), {
    mode: 'GOVERNANCE',
    until: LATER,
  })
  assert.deepEqual(retentionFromDefault({ mode: 'COMPLIANCE', years: 2 }, NOW), {
    mode: 'COMPLIANCE',
    until: new Date('2028-01-01T00:00:00Z'),
  })
})

test('what is neither retained nor held is deletable', () => {
  assertDeletable(version(), plain)
  assertDeletable(version({ mode: 'COMPLIANCE', until: NOW }), plain)
})

test('a bypass opens governance, but neither compliance nor a hold', () => {
  const governed = version({ mode: 'GOVERNANCE', until: LATER })
  assert.throws(() => assertDeletable(governed, plain), LOCKED)
  assertDeletable(governed, withBypass)
  const compliant = version({ mode: 'COMPLIANCE', until: LATER })
  assert.throws(() => assertDeletable(compliant, withBypass), LOCKED)
  assert.throws(() => assertDeletable(version(undefined, true), withBypass), LOCKED)
  const held = version({ mode: 'GOVERNANCE', until: LATER }, true)
  assert.throws(() => assertDeletable(held, withBypass), LOCKED)
})

test('a retention in force may grow, and shrink only under a bypass in governance mode', () => {
  const governed = version({ mode: 'GOVERNANCE', until: LATER })
  const compliant = version({ mode: 'COMPLIANCE', until: LATER })
  const cases: readonly (readonly [Retention | undefined, boolean, boolean])[] = [
    [{ mode: 'GOVERNANCE', until: LATEST }, true, false],
    [{ mode: 'GOVERNANCE', until: LATER }, true, false],
    [{ mode: 'COMPLIANCE', until: LATER }, false, true],
    [{ mode: 'COMPLIANCE', until: LATEST }, false, true],
    [{ mode: 'GOVERNANCE', until: NOW }, false, false],
    [{ mode: 'COMPLIANCE', until: NOW }, false, false],
    [undefined, false, false],
  ]
  for (const [next, governancePasses, compliancePasses] of cases) {
    const change = (of: typeof governed, context: typeof plain) => (): void =>
      assertRetentionChange(of, next, context)
    if (governancePasses) change(governed, plain)()
    else assert.throws(change(governed, plain), LOCKED)
    change(governed, withBypass)()
    if (compliancePasses) change(compliant, withBypass)()
    else assert.throws(change(compliant, withBypass), LOCKED)
  }
})

test('a retention that has ended, or never was, gives way to anything', () => {
  for (const old of [version(), version({ mode: 'COMPLIANCE', until: NOW })]) {
    assertRetentionChange(old, undefined, plain)
    assertRetentionChange(old, { mode: 'GOVERNANCE', until: LATER }, plain)
  }
})
