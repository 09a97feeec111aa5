import assert from 'node:assert/strict'
import test from 'node:test'
import { createGate } from './gate.ts'

test('those who find room come in at once', () => {
  const gate = createGate({ insideMax: 2, waitingMax: 1, waitMs: 1000 })
  assert.equal(gate.enter(), true)
  assert.equal(gate.enter(), true)
  assert.equal(gate.counts().used, 2)
})

test('those who wait come in one by one, in the order in which they came', async () => {
  const gate = createGate({ insideMax: 1, waitingMax: 3, waitMs: 5000 })
  assert.equal(gate.enter(), true)
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (place) => {
    assert.ok(await gate.enter())
    order.push(place)
    gate.leave()
  })
  assert.deepEqual(order, [])
  gate.leave()
  await Promise.all(waiting)
  assert.deepEqual(order, [1, 2, 3])
  assert.deepEqual(gate.counts(), { used: 0, usedMost: 1, refused: 0, waiting: 0 })
})

test('beyond the queue, and after the wait, entry is refused', async () => {
  const gate = createGate({ insideMax: 1, waitingMax: 1, waitMs: 20 })
  assert.equal(gate.enter(), true)
  const waiting = gate.enter()
  assert.equal(gate.enter(), false)
  // The timer of a wait keeps no process alive: here the test has to.
  const alive = setTimeout(() => {}, 5000)
  assert.equal(await waiting, false)
  clearTimeout(alive)
  gate.leave()
  assert.deepEqual(gate.counts(), { used: 0, usedMost: 1, refused: 2, waiting: 0 })
})

test('whoever comes while others wait does not come in before them', async () => {
  const gate = createGate({ insideMax: 1, waitingMax: 2, waitMs: 5000 })
  assert.equal(gate.enter(), true)
  const first = gate.enter()
  gate.leave()
  const second = gate.enter()
  assert.ok(second instanceof Promise)
  assert.equal(await first, true)
  gate.leave()
  assert.equal(await second, true)
})
