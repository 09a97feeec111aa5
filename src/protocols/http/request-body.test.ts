import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import test from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createManualClock } from '../../base/clock.ts'
import { openRequestBody } from './request-body.ts'
import { createStallWatch } from './stall-watch.ts'

const CHUNK_BYTES = 64 * 1024

/** How many chunks of ten are taken in while only the first is wanted. */
async function takenAhead(inboxes: { usedBytes: number; readonly maxBytes: number }) {
  const incoming = new IncomingMessage(new Socket())
  const stalls = createStallWatch(
    { idleMs: 1000, minBytesPerSecond: 0, windowMs: 1000 },
    createManualClock(new Date(0)),
  )
  const options = { stalls, inboxes, onFirstRead: () => {}, progress: { receivedBytes: 0 } }
  const body = openRequestBody(incoming, options)[Symbol.asyncIterator]()
  for (let count = 0; count < 10; count++) incoming.push(Buffer.alloc(CHUNK_BYTES))
  await body.next()
  for (let count = 0; count < 20; count++) await turn()
  const taken = inboxes.usedBytes / CHUNK_BYTES
  await body.return?.()
  return taken
}

test('a body is taken in ahead of its reader, up to a limit', async () => {
  const inboxes = { usedBytes: 0, maxBytes: 100 * CHUNK_BYTES }
  const taken = await takenAhead(inboxes)
  assert.ok(taken > 1 && taken <= 4, `${taken} chunks`)
  assert.equal(inboxes.usedBytes, 0)
})

test('beyond inboxesSizeBytes, what others have in theirs makes it wait', async () => {
  const inboxes = { usedBytes: 0, maxBytes: CHUNK_BYTES / 2 }
  assert.ok((await takenAhead(inboxes)) <= 1)
  assert.equal(inboxes.usedBytes, 0)
})
