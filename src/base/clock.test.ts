import assert from 'node:assert/strict'
import test from 'node:test'
import { createManualClock, systemClock } from './clock.ts'

test('the three faces of the system clock agree', () => {
  const before = Date.now()
  const now = systemClock.now()
  const nowMs = Number(systemClock.nowNs() / 1_000_000n)
  assert.ok(now >= before)
  assert.ok(Math.abs(nowMs - now) < 1000, `${nowMs} is far from ${now}`)
  assert.ok(systemClock.monotonicMs() <= systemClock.monotonicMs())
})

test('a manual clock moves only when told', () => {
  const clock = createManualClock(new Date('2026-01-02T03:04:05.678Z'))
  assert.equal(clock.now(), Date.parse('2026-01-02T03:04:05.678Z'))
  clock.advance(322)
  assert.equal(new Date(clock.now()).toISOString(), '2026-01-02T03:04:06.000Z')
  assert.equal(clock.nowNs(), BigInt(clock.now()) * 1_000_000n)
  assert.equal(clock.monotonicMs(), 322)
})
