import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '../../src/base/log.ts'
import { startHttpServer } from '../../src/protocols/http/server.ts'
import { answer, open, serve } from './raw-http.ts'

test('idle connections are kept for longer than SDK pools expect', async (t) => {
  const { port } = await serve(t, answer())
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  const received = await client.untilText('fine')
  assert.match(received, /keep-alive: timeout=90/i)
})

test('connections beyond the limit are closed, and taken again when there is room', async (t) => {
  const { port, url } = await serve(t, answer(), { connections: 1 })
  const first = await open(t, port)
  const second = await open(t, port)
  assert.equal(await second.untilClosed(), '')
  first.socket.destroy()
  await first.untilClosed()
  await sleep(20)
  assert.equal(await (await fetch(url)).text(), 'fine')
})

test('stopping lets running requests finish, refuses new ones and closes idle connections', async (t) => {
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const server = await serve(t, async ({ rawPath }) => {
    if (rawPath === '/slow') {
      started.resolve()
      await finish.promise
    }
    return { status: 200, headers: {}, body: 'finished' }
  })
  const idle = await open(t, server.port)
  idle.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await idle.untilText('finished')
  const slow = await open(t, server.port)
  slow.send('GET /slow HTTP/1.1\r\nhost: h\r\n\r\n')
  await started.promise
  const stopped = server.stop()
  await idle.untilClosed()
  await assert.rejects(() => fetch(server.url))
  finish.resolve()
  assert.match(await slow.untilClosed(), /finished/)
  await stopped
})

test('stopping does not wait for ever', async (t) => {
  const started = Promise.withResolvers<void>()
  const server = await serve(
    t,
    () => {
      started.resolve()
      return new Promise(() => {})
    },
    { stopWithinMs: 100 },
  )
  const client = await open(t, server.port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await started.promise
  const startedAt = Date.now()
  await server.stop()
  assert.ok(Date.now() - startedAt < 2000)
  await client.untilClosed()
})

test('an address that is taken is refused with the code of the system', async (t) => {
  const { port } = await serve(t, answer())
  const second = startHttpServer({
    listen: { host: '127.0.0.1', port },
    handle: answer(),
    renderFailure: () => ({ status: 500, headers: {} }),
    log: silentLog,
  })
  await assert.rejects(() => second, { code: 'EADDRINUSE' })
})

test('a stop does not wait for a connection that never asked anything', async (t) => {
  const server = await serve(t, answer(), { stopWithinMs: 10_000 })
  const silent = await open(t, server.port)
  const startedMs = performance.now()
  await server.stop()
  assert.ok(performance.now() - startedMs < 2000)
  assert.equal(await silent.untilClosed(), '')
})

test('a request that comes while the server stops is refused in words, and its connection closes', async (t) => {
  const server = await serve(t, answer(), { stopQuietMs: 500 })
  const late = await open(t, server.port)
  late.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await late.untilText('fine')
  const stopped = server.stop()
  late.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  const [, refusal] = (await late.untilClosed()).split('fine')
  assert.match(refusal ?? '', /^HTTP\/1\.1 503 /)
  assert.match(refusal ?? '', /connection: close/)
  assert.match(refusal ?? '', /<Code>ServerStopping<\/Code>/)
  await stopped
})

test('an upload that comes while the server stops hears why, and is not reset', async (t) => {
  const server = await serve(t, answer(), { stopQuietMs: 500 })
  const late = await open(t, server.port)
  const errors: Error[] = []
  late.socket.on('error', (error) => errors.push(error))
  late.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  await late.untilText('fine')
  const stopped = server.stop()
  const size = 8 * 1024 * 1024
  late.send(`PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: ${size}\r\n\r\n`)
  late.send('x'.repeat(size))
  assert.match(await late.untilClosed(), /ServerStopping/)
  assert.deepEqual(errors, [])
  await stopped
})
