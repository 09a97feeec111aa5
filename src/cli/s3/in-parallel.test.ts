import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inParallel } from './in-parallel.ts'

test('so many are worked on at once, and each only once', async () => {
  let running = 0
  let most = 0
  const done = new Set<number>()
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++running)
    await turn()
    running--
    assert.ok(!done.has(item))
    done.add(item)
  })
  assert.equal(most, 3)
  assert.equal(done.size, 7)
})

test('after a failure nothing is begun, what runs ends, and the source is closed', async () => {
  const begun: number[] = []
  let isClosed = false
  const source = async function* (): AsyncGenerator<number> {
    try {
      for (let item = 1; ; item++) yield item
    } finally {
      isClosed = true
    }
  }
  let ended = 0
  const work = async (item: number): Promise<void> => {
    begun.push(item)
    await turn()
    if (item === 2) throw new Error('the second')
    ended++
  }
  await assert.rejects(inParallel(source(), 2, work), /the second/)
  assert.equal(ended, begun.length - 1)
  assert.ok(begun.length < 5)
  assert.ok(isClosed)
})
