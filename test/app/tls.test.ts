/** HTTPS with a certificate of one's own, or with one that the first start makes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { makeCertificate } from '../../src/app/tls/make-certificate.ts'
import { openCertificate } from '../../src/app/tls/server-certificate.ts'
import { watchCertificate } from '../../src/app/tls/watch-certificate.ts'
import { readConfiguration } from '../../src/app/config.ts'
import { createManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Certificate } from '../../src/protocols/http/tls/certificate.ts'
import {
  ROOT_KEYS,
  runCoffer,
  type RunningCoffer,
  serveCoffer,
  temporaryFolder,
} from './coffer-process.ts'

const OWNER_ONLY = 0o600
const START = new Date('2026-01-01T00:00:00Z')

async function start(
  context: TestContext,
  folder: string,
  given: readonly string[],
): Promise<RunningCoffer> {
  const quiet = ['--listen', '127.0.0.1:0', '--log-level', 'warn']
  const coffer = await serveCoffer([folder, ...quiet, ...given])
  context.after(() => coffer.stop())
  return coffer
}

async function get(url: string, ca: string): Promise<number | undefined> {
  const asked = request(`${url}/minio/health/live`, { ca, agent: false }).end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  response?.resume()
  return response?.statusCode
}

function make(): Promise<Certificate> {
  return makeCertificate({ names: ['127.0.0.1'], now: new Date(), random: systemRandom })
}

test('a first start makes a certificate, a second one keeps it', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const path = join(folder, 'tls', 'certificate.pem')
  const first = await start(context, folder, ['--tls', 'generated'])
  assert.match(first.url, /^https:/)
  assert.ok(first.stdout().includes(path))
  const certificate = await readFile(path, 'utf8')
  const { mode } = await stat(join(folder, 'tls', 'key.pem'))
  assert.equal(mode & 0o777, OWNER_ONLY)
  assert.equal(await get(first.url, certificate), 200)
  assert.equal(await get(first.url.replace('127.0.0.1', 'localhost'), certificate), 200)
  await first.stop()
  await start(context, folder, ['--tls', 'generated'])
  assert.equal(await readFile(path, 'utf8'), certificate)
})

test('the command line trusts the certificate of its folder, whatever names it has', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const files = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const elsewhere = await makeCertificate({
    names: ['s3.example.com'],
    now: new Date(),
    random: systemRandom,
  })
  const paths = [join(files, 'certificate.pem'), join(files, 'key.pem')] as const
  await writeFile(paths[0], elsewhere.certificate)
  await writeFile(paths[1], elsewhere.key)
  const given = ['--tls-certificate', paths[0], '--tls-key', paths[1]]
  await start(context, folder, given)
  const scrub = ['scrub', '--folder', folder]
  const trusted = await runCoffer(scrub, { environment: ROOT_KEYS })
  assert.equal(trusted.exitCode, 0, trusted.stderr)
  // Whoever else answers there, with another certificate, is told nothing.
  const [url = ''] = (await readFile(join(folder, 'address'), 'utf8')).split('\n')
  const { certificate } = await make()
  await writeFile(join(folder, 'address'), `${url}\n${certificate}`)
  const stranger = await runCoffer(scrub, { environment: ROOT_KEYS })
  assert.notEqual(stranger.exitCode, 0)
})

test('the AWS SDK streams over TLS, with a checksum in the trailer', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const coffer = await start(context, folder, ['--tls', 'generated'])
  const ca = await readFile(join(folder, 'tls', 'certificate.pem'), 'utf8')
  const s3 = new S3Client({
    endpoint: coffer.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: ROOT_KEYS.COFFER_ROOT_USER,
      secretAccessKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
    },
    requestHandler: { httpsAgent: new Agent({ ca }) },
  })
  context.after(() => s3.destroy())
  const named = { Bucket: 'streams', Key: 'stream' }
  await s3.send(new CreateBucketCommand({ Bucket: named.Bucket }))
  const bytes = Buffer.alloc(5_000_000, 'some bytes ')
  const Body = Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)])
  await s3.send(new PutObjectCommand({ ...named, Body, ContentLength: bytes.length }))
  const { Body: stored } = await s3.send(new GetObjectCommand(named))
  assert.ok(bytes.equals((await stored?.transformToByteArray()) ?? Buffer.alloc(0)))
})

test('a generated certificate is made anew when it ends soon or lacks a name', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const clock = createManualClock(START)
  const openWith = async (domain: string): Promise<string | undefined> => {
    const configuration = readConfiguration({ folder, tls: 'generated', domain }, {})
    const opened = await openCertificate(configuration, { clock, random: systemRandom })
    return opened?.certificate
  }
  const first = await openWith('')
  assert.equal(await openWith(''), first)
  const named = await openWith('s3.example.com')
  assert.notEqual(named, first)
  assert.equal(await openWith('s3.example.com'), named)
  const day = 86_400_000
  clock.advance(794 * day)
  assert.equal(await openWith('s3.example.com'), named)
  clock.advance(2 * day)
  assert.notEqual(await openWith('s3.example.com'), named)
})

test('files that change are taken up when they fit each other, and not before', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const paths = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  const [old, renewed] = [await make(), await make()]
  await writeFile(paths.certificate, old.certificate)
  await writeFile(paths.key, old.key)
  const replaced: Certificate[] = []
  const warnings: string[] = []
  const stop = watchCertificate(
    { ...old, paths, isGenerated: false },
    {
      log: { ...silentLog, warn: (message) => void warnings.push(message) },
      replace: (certificate) => void replaced.push(certificate),
      intervalMs: 20,
    },
  )
  context.after(stop)
  await writeFile(paths.certificate, renewed.certificate)
  await sleep(150)
  assert.deepEqual(replaced, [])
  assert.deepEqual(warnings, ['certificate not replaced'])
  await writeFile(paths.key, renewed.key)
  await sleep(150)
  assert.deepEqual(replaced, [renewed])
})

test('what cannot be served with is said at the start', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const files = ['--tls-certificate', '/nowhere/c.pem', '--tls-key', '/nowhere/k.pem']
  const given = [
    [['--tls-certificate', '/nowhere/c.pem'], /COFFER_TLS_KEY is missing/],
    [['--tls', 'generated', ...files], /exclude each other/],
    [['--tls', 'self-made'], /--tls is "self-made", which is none of off, generated/],
    [['--domain', 's3_example'], /where "s3_example" is no host name/],
    [['--trusted-proxies', '10.0.0.0/40'], /where "10\.0\.0\.0\/40" is no address or network/],
    [['--public-url', 'files.example.com'], /which is not http\(s\):\/\/host/],
  ] as const
  for (const [wrong, message] of given) {
    const { exitCode, stderr } = await runCoffer(['serve', folder, ...wrong], { timeoutMs: 5000 })
    assert.equal(exitCode, 2, stderr)
    assert.match(stderr, message)
  }
})

test('a certificate that is not there stops the start with a sentence', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const files = ['--tls-certificate', '/nowhere/c.pem', '--tls-key', '/nowhere/k.pem']
  const { exitCode, stderr } = await runCoffer(['serve', folder, ...files], { timeoutMs: 5000 })
  assert.equal(exitCode, 2, stderr)
  assert.match(stderr, /^coffer: TLS cannot use \/nowhere\/c\.pem and \/nowhere\/k\.pem: .*ENOENT/)
})
