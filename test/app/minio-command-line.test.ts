/** What a container of MinIO's is told and asked works with Coffer in it. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeCertificate } from '../../src/app/tls/make-certificate.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createBucket } from '../load/s3-calls.ts'
import { openS3Client } from '../load/s3-client.ts'
import { runCoffer, startCoffer, temporaryFolder, type RunningCoffer } from './coffer-process.ts'

const KEYS = { MINIO_ROOT_USER: 'compose-user', MINIO_ROOT_PASSWORD: 'compose-password' }

async function serveAsMinio(
  context: TestContext,
  given: readonly string[],
  environment: Readonly<Record<string, string>> = KEYS,
): Promise<RunningCoffer> {
  const coffer = await startCoffer(given, { environment })
  context.after(() => coffer.stop())
  return coffer
}

async function assertServes(context: TestContext, { url }: RunningCoffer): Promise<void> {
  const client = openS3Client({
    endpoint: url,
    accessKey: KEYS.MINIO_ROOT_USER,
    secretKey: KEYS.MINIO_ROOT_PASSWORD,
    connections: 1,
  })
  context.after(() => client.close())
  await createBucket(client, 'models')
}

for (const words of [['server'], ['minio', 'server']]) {
  test(`${words.join(' ')}: the folder, the address and the keys are MinIO's`, async (context) => {
    const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
    const given = [...words, join(folder, 'data'), '--address', '127.0.0.1:0', '--quiet']
    const coffer = await serveAsMinio(context, [...given, '--console-address', ':9001'])
    await assertServes(context, coffer)
    assert.ok(readdirSync(join(folder, 'data')).includes('coffer.json'))
    assert.equal(coffer.stderr(), 'There is no console yet: nothing listens on :9001.\n')
  })
}

test('variables give the folder, the addresses and, from files, the keys', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  for (const [variable, text] of Object.entries(KEYS)) {
    writeFileSync(join(folder, variable), `${text}\n`)
  }
  const coffer = await serveAsMinio(context, ['server', '--quiet'], {
    MINIO_ADDRESS: '127.0.0.1:0',
    MINIO_CONSOLE_ADDRESS: '127.0.0.1:9443',
    MINIO_VOLUMES: join(folder, 'data'),
    MINIO_ROOT_USER_FILE: join(folder, 'MINIO_ROOT_USER'),
    MINIO_ROOT_PASSWORD_FILE: join(folder, 'MINIO_ROOT_PASSWORD'),
    MINIO_PROMETHEUS_AUTH_TYPE: 'public',
  })
  await assertServes(context, coffer)
  assert.equal(
    coffer.stderr(),
    'There is no console yet: nothing listens on 127.0.0.1:9443.\n' +
      'Coffer does not read MINIO_PROMETHEUS_AUTH_TYPE.\n',
  )
  await assert.rejects(open(9443), /ECONNREFUSED/)
})

test('a folder with certificates makes it speak TLS', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const made = await makeCertificate({
    names: ['127.0.0.1'],
    now: new Date(),
    random: systemRandom,
  })
  writeFileSync(join(folder, 'public.crt'), made.certificate)
  writeFileSync(join(folder, 'private.key'), made.key)
  const data = join(folder, 'data')
  const given = ['server', data, '--address', '127.0.0.1:0', '--certs-dir', folder]
  const coffer = await serveAsMinio(context, given)
  assert.match(coffer.url, /^https:/)
  assert.equal((await runCoffer(['ready', '--folder', data])).exitCode, 0)
})

test('its health checks answer, and `coffer ready` for those without curl', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const ready = ['ready', '--folder', folder]
  const coffer = await serveAsMinio(context, ['server', folder, '--address', '127.0.0.1:0'])
  for (const check of ['live', 'ready', 'cluster', 'cluster/read']) {
    const { status } = await fetch(`${coffer.url}/minio/health/${check}`)
    assert.equal(status, 200, check)
  }
  assert.equal((await runCoffer(ready)).exitCode, 0)
  coffer.signal('SIGKILL')
  await coffer.ended
  const { exitCode, stderr } = await runCoffer(ready)
  assert.equal(exitCode, 1)
  assert.equal(stderr, `coffer: No server is ready at ${coffer.url}.\n`)
})

test('what Coffer cannot be is refused, and the folder is left as it was', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  mkdirSync(join(folder, '.minio.sys'))
  for (const [given, environment, expected] of [
    [[folder], {}, /holds what MinIO stored.*move-from-minio/],
    [['/data1', '/data2'], {}, /one folder of one machine/],
    [['/data{1...4}'], {}, /one folder of one machine/],
    [['http://minio-1/data'], {}, /one folder of one machine/],
    [['/data'], { MINIO_KMS_AUTO_ENCRYPTION: 'on' }, /asks for encryption/],
    [['/data', '--ftp', 'address=:8021'], {}, /unknown option '--ftp'/],
  ] as const) {
    const { exitCode, stderr } = await runCoffer(['server', ...given], { environment })
    assert.equal(exitCode, 2)
    assert.match(stderr, expected)
  }
  assert.deepEqual(readdirSync(folder), ['.minio.sys'])
})

function open(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(void socket.destroy()))
    socket.once('error', reject)
  })
}
