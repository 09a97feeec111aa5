// A bucket's policy of 20 KiB and a long User-Agent kept the server busy for 25 seconds, and its
// CORS rules with a long announcement for two, whoever asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCorsRule } from '../../src/protocols/s3/cors/match-cors.ts'
import { matchPattern } from '../../src/services/access/policy/match-pattern.ts'

/** A multiple of what these take, a fraction of what they took. */
const BUSY_MS_MAX = 500

function assertQuick(act: () => void): void {
  const begun = process.cpuUsage()
  act()
  const busyMs = process.cpuUsage(begun).user / 1000
  assert.ok(busyMs < BUSY_MS_MAX, `it took ${busyMs} ms`)
}

test('a pattern that nearly matches everywhere is no work', () => {
  const text = 'a'.repeat(30_000)
  for (const begin of ['', '?']) {
    const pattern = `*${begin}${'a'.repeat(2000)}b*`
    assertQuick(() => assert.equal(matchPattern(pattern, text, undefined), false))
    assertQuick(() => assert.equal(matchPattern(pattern, `${text}b`, undefined), true))
  }
})

test('headers that are announced by the thousand are let in by no rule', () => {
  const headers = [...Array.from({ length: 2000 }, (_, at) => `x-${at}`), 'b*']
  const rule = { origins: ['*'], methods: ['GET'], headers, exposed: [] }
  const request = { origin: 'http://a.example', method: 'GET' }
  const announced = Array.from({ length: 15_000 }, () => 'b')
  assertQuick(() =>
    assert.equal(findCorsRule([rule], { ...request, headers: announced }), undefined),
  )
  assert.equal(findCorsRule([rule], { ...request, headers: announced.slice(0, 100) }), rule)
})
