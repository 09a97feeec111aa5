import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { createManualClock } from '../../base/clock.ts'
import { createRowRoom } from './row-room.ts'

test('there are never more rows than max, and room that is made is found', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('add', 'add', 'remove', 'wait')), (acts) => {
      const clock = createManualClock(new Date(0))
      const room = createRowRoom(5, clock)
      let rows = 0
      for (const act of acts) {
        if (act === 'add' && room.take(1, () => rows)) rows += 1
        if (act === 'remove') rows = Math.max(0, rows - 1)
        if (act === 'wait') clock.advance(1000)
        assert.ok(rows <= 5)
      }
      clock.advance(1000)
      const added = Array.from({ length: 10 }, () => room.take(1, () => rows) && (rows += 1))
      assert.ok(added.some(Boolean) || rows === 5)
    }),
  )
})

test('rows are counted once for all that there is room for, and not for each refusal', () => {
  const room = createRowRoom(100, createManualClock(new Date(0)))
  let counts = 0
  const taken = Array.from({ length: 300 }, () => room.take(1, () => (counts++, 40)))
  assert.equal(taken.filter(Boolean).length, 60)
  assert.equal(counts, 1)
})

test('the room of one group is not that of another', () => {
  const room = createRowRoom(1, createManualClock(new Date(0)))
  assert.ok(room.take(1, () => 0))
  assert.ok(!room.take(1, () => 1))
  assert.ok(room.take(2, () => 0))
})
