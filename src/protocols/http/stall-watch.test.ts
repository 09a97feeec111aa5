import assert from 'node:assert/strict'
import test from 'node:test'
import { createManualClock } from '../../base/clock.ts'
import { createStallWatch } from './stall-watch.ts'

const LIMITS = { idleMs: 1000, minBytesPerSecond: 100, windowMs: 5000 }

function watched() {
  const clock = createManualClock(new Date(0))
  const watch = createStallWatch(LIMITS, clock)
  let stalls = 0
  const transfer = watch.watch(() => {
    stalls++
  })
  const pass = (ms: number): number => {
    clock.advance(ms)
    watch.sweep()
    return stalls
  }
  return { transfer, pass }
}

test('a transfer that waits too long without a byte is stalled, once', () => {
  const { transfer, pass } = watched()
  transfer.wait()
  assert.equal(pass(999), 0)
  assert.equal(pass(1), 1)
  assert.equal(pass(5000), 1)
})

test('time that passes while nobody waits does not count', () => {
  const { transfer, pass } = watched()
  assert.equal(pass(60_000), 0)
  transfer.wait()
  transfer.progress(1000)
  assert.equal(pass(60_000), 0)
})

test('a transfer that crawls is stalled though it never pauses', () => {
  const { transfer, pass } = watched()
  let stalls = 0
  for (let second = 0; second < 12; second++) {
    transfer.wait()
    stalls = pass(900)
    transfer.progress(50)
  }
  assert.equal(stalls, 1)
})

test('a transfer that is slow but fast enough goes on', () => {
  const { transfer, pass } = watched()
  for (let second = 0; second < 100; second++) {
    transfer.wait()
    assert.equal(pass(900), 0)
    transfer.progress(120)
  }
})

test('a transfer that ended is left alone', () => {
  const { transfer, pass } = watched()
  transfer.wait()
  transfer.end()
  assert.equal(pass(60_000), 0)
})
