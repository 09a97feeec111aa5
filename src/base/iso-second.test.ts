import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, date, property } from 'fast-check'
import { formatIsoSecond } from './iso-second.ts'

test('any date is written as toISOString writes it, but for the milliseconds', () => {
  check(
    property(date({ noInvalidDate: true }), (at) => {
      assert.equal(formatIsoSecond(at), at.toISOString().replace(/\.\d+Z$/, '.000Z'))
    }),
  )
})

test('the last second of a day is of that day', () => {
  const midnight = Date.UTC(2026, 11, 31)
  assert.equal(formatIsoSecond(new Date(midnight - 1)), '2026-12-30T23:59:59.000Z')
  assert.equal(formatIsoSecond(new Date(midnight)), '2026-12-31T00:00:00.000Z')
})
