/** Limits of the HTTP server that docs/limits.md names and no other test tries. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { answer, open, readAll, serve } from './raw-http.ts'

test('an upload that crawls is given up, though it never stops', async (t) => {
  const failed = Promise.withResolvers<unknown>()
  const limits = { bodyMinBytesPerSecond: 1000, bodyRateWindowMs: 200, bodyIdleMs: 5000 }
  const { port } = await serve(
    t,
    async ({ body }) => {
      await readAll(body).catch(failed.resolve)
      return { status: 400, headers: {} }
    },
    limits,
  )
  const client = await open(t, port)
  client.send('PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\n')
  const dripping = setInterval(() => client.send('x'), 20)
  t.after(() => clearInterval(dripping))
  const error = await failed.promise
  assert.ok(error instanceof Error && 'code' in error)
  assert.equal(error.code, 'BodyTimeout')
})

test('a connection that was refused and goes on sending is gone after lingerMs', async (t) => {
  const { port } = await serve(t, answer(), { lingerMs: 100 })
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.after(() => socket.destroy())
  socket.on('error', () => {}).resume()
  socket.write('no HTTP at all\r\n\r\n')
  const sending = setInterval(() => socket.writable && socket.write('more'), 10)
  t.after(() => clearInterval(sending))
  await once(socket, 'end')
  const refusedMs = performance.now()
  await new Promise((resolve) => socket.once('close', resolve))
  const lingeredMs = performance.now() - refusedMs
  assert.ok(lingeredMs > 50 && lingeredMs < 5000, `${lingeredMs} ms`)
})
