import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import test from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { makeCertificate } from '../../src/app/tls/make-certificate.ts'
import { systemRandom } from '../../src/base/random.ts'
import { type Certificate, CertificateError } from '../../src/protocols/http/tls/certificate.ts'
import { answer, open, readAll, serve } from './raw-http.ts'

function make(...names: readonly string[]): Promise<Certificate> {
  return makeCertificate({ names, now: new Date(), random: systemRandom })
}

/** The fingerprint of the certificate that a server shows; rejects when it is not trusted. */
function fingerprintAt(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ...options }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

function fingerprintOf({ certificate }: Certificate): string {
  return new X509Certificate(certificate).fingerprint256
}

type Asked = { readonly port: number; readonly ca: string; readonly body: Buffer }

function put({ port, ca, body }: Asked): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': body.length }
    const options = { port, host: '127.0.0.1', path: '/b/k', method: 'PUT', ca, headers }
    request(options, (response) => {
      readAll(response).then((bytes) => resolve(bytes.toString()), reject)
    })
      .once('error', reject)
      .end(body)
  })
}

test('requests and bodies come over TLS as they come without, and are known as secure', async (t) => {
  const certificate = await make('127.0.0.1')
  const server = await serve(
    t,
    async ({ body, isSecure, rawPath }) => ({
      status: 200,
      headers: {},
      body: `${rawPath} ${isSecure} ${(await readAll(body)).length}`,
    }),
    { certificate },
  )
  assert.equal(server.url, `https://127.0.0.1:${server.port}`)
  const asked = { port: server.port, ca: certificate.certificate }
  assert.equal(await put({ ...asked, body: Buffer.alloc(0) }), '/b/k true 0')
  assert.equal(await put({ ...asked, body: Buffer.alloc(3_000_000) }), '/b/k true 3000000')
})

test('plain HTTP to a port of TLS is answered, and closed', async (t) => {
  const { port } = await serve(t, answer(), { certificate: await make('127.0.0.1') })
  const client = await open(t, port)
  client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n')
  const received = await client.untilClosed()
  assert.match(received, /^HTTP\/1\.1 400 [^]*connection: close[^]*<Code>TlsExpected/)
})

test('TLS 1.1 and older are not spoken', async (t) => {
  const { certificate, key } = await make('127.0.0.1')
  const { port } = await serve(t, answer(), { certificate: { certificate, key } })
  // The lowest security level, or the client itself would refuse.
  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await assert.rejects(() => fingerprintAt(port, { ca: certificate, ...old }))
  await fingerprintAt(port, { ca: certificate, maxVersion: 'TLSv1.2' })
})

test('another certificate counts for new connections, and a broken one is refused', async (t) => {
  const [first, second] = [await make('127.0.0.1'), await make('127.0.0.1')]
  const server = await serve(t, answer(), { certificate: first })
  const shown = (ca: string): Promise<string> => fingerprintAt(server.port, { ca })
  assert.equal(await shown(first.certificate), fingerprintOf(first))
  const broken = [
    { ...second, key: first.key },
    { ...second, certificate: 'nonsense' },
    { certificate: '', key: '' },
  ]
  for (const certificate of broken) {
    assert.throws(() => server.replaceCertificate(certificate), CertificateError)
  }
  assert.equal(await shown(first.certificate), fingerprintOf(first))
  server.replaceCertificate(second)
  assert.equal(await shown(second.certificate), fingerprintOf(second))
})

test('clients that never say anything do not keep the server from stopping', async (t) => {
  const server = await serve(t, answer(), { certificate: await make('127.0.0.1') })
  const silent = await open(t, server.port)
  const halfway = await open(t, server.port)
  halfway.send('\u0016\u0003\u0001')
  await server.stop()
  await silent.untilClosed()
  await halfway.untilClosed()
})

test('a handshake that does not come is not waited for', async (t) => {
  const options = { certificate: await make('127.0.0.1'), headersTimeoutMs: 200 }
  const { port } = await serve(t, answer(), options)
  const silent = await open(t, port)
  assert.equal(await silent.untilClosed(), '')
  const halfway = await open(t, port)
  halfway.send('\u0016\u0003\u0001')
  await halfway.untilClosed()
})
