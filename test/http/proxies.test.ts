import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { parseNetwork } from '../../src/protocols/http/proxy/proxy-trust.ts'
import { open, serve } from './raw-http.ts'

const SENT = 'x-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n'

async function sourceAt(t: TestContext, ...proxies: readonly string[]): Promise<string> {
  const networks = proxies.map((text) => parseNetwork(text) ?? assert.fail(text))
  const { port } = await serve(
    t,
    async ({ remoteAddress, isSecure }) => ({
      status: 200,
      headers: {},
      body: `<${remoteAddress} ${isSecure}>`,
    }),
    { trustedProxies: networks },
  )
  const client = await open(t, port)
  client.send(`GET / HTTP/1.1\r\nhost: h\r\n${SENT}\r\n`)
  return /<(.*)>/.exec(await client.untilText('>'))?.[1] ?? ''
}

test('what a trusted proxy says of its client is believed, and nobody else', async (t) => {
  assert.equal(await sourceAt(t, '127.0.0.0/8'), '203.0.113.7 true')
  assert.equal(await sourceAt(t, '10.0.0.0/8'), '127.0.0.1 false')
  assert.equal(await sourceAt(t), '127.0.0.1 false')
})
