/** Several threads serve: what one of them has done, all of them know. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createBucket, getObject, listObjects, putObject } from '../load/s3-calls.ts'
import { openS3Client, type S3Client } from '../load/s3-client.ts'
import { administer } from './administer.ts'
import { ROOT_KEYS, runCoffer, temporaryFolder } from './coffer-process.ts'
import { type Scraped, serveMeasured, total } from './scraped.ts'

const THREADS = 3
/** So many that the kernel gives each thread some. */
const CONNECTIONS = 24

async function serveInThreads(context: TestContext): Promise<Scraped> {
  return serveMeasured(context, ['--threads', String(THREADS)])
}

/** A client with one connection. */
function connect(context: TestContext, { coffer }: Scraped, keys: Keys = ROOT): S3Client {
  const client = openS3Client({ endpoint: coffer.url, ...keys, connections: 1 })
  context.after(() => client.close())
  return client
}

type Keys = { readonly accessKey: string; readonly secretKey: string }

const ROOT: Keys = {
  accessKey: ROOT_KEYS.COFFER_ROOT_USER,
  secretKey: ROOT_KEYS.COFFER_ROOT_PASSWORD,
}

function times<Value>(count: number, make: (at: number) => Value): readonly Value[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

test('what is acknowledged on one connection is read and listed on every other', async (context) => {
  const serving = await serveInThreads(context)
  await createBucket(serving.client, 'data')
  const clients = times(CONNECTIONS, () => connect(context, serving))
  const sizes = [10, 5_000, 300_000]
  await Promise.all(
    clients.map(async (writer, at) => {
      const key = `of-${at}`
      const reader = clients[(at + 1) % clients.length] ?? writer
      for (let round = 0; round < 9; round += 1) {
        const body = Buffer.alloc(sizes[round % sizes.length] ?? 0, round + at)
        await putObject(writer, { bucket: 'data', key, body })
        const found = await getObject(reader, { bucket: 'data', key })
        assert.ok(body.equals(found.body), `round ${round} of ${key}`)
      }
    }),
  )
  for (const client of clients) {
    assert.equal((await listObjects(client, 'data')).length, CONNECTIONS)
  }
})

test('a key that is disabled is refused by every thread at once', async (context) => {
  const serving = await serveInThreads(context)
  await createBucket(serving.client, 'data')
  await putObject(serving.client, { bucket: 'data', key: 'k', body: Buffer.from('v') })
  await administer(serving.coffer, { method: 'POST', path: '/coffer/users', body: { name: 'u' } })
  const attached = { name: 'readwrite', user: 'u' }
  await administer(serving.coffer, {
    method: 'PUT',
    path: '/coffer/policy/attachment',
    query: attached,
  })
  const made = { method: 'POST', path: '/coffer/keys', body: { user: 'u' } } as const
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract says so
  const { id, secret } = (await administer(serving.coffer, made)) as {
    readonly id: string
    readonly secret: string
  }
  const keys = { accessKey: id, secretKey: secret }
  const clients = times(CONNECTIONS, () => connect(context, serving, keys))
  const object = { bucket: 'data', key: 'k' }
  const statuses = async (): Promise<readonly number[]> => {
    const answers = await Promise.all(clients.map((client) => getObject(client, object)))
    return [...new Set(answers.map(({ status }) => status))]
  }
  assert.deepEqual(await statuses(), [200])
  const disable = { method: 'PUT', path: '/coffer/key/state', query: { id } } as const
  await administer(serving.coffer, { ...disable, body: { enabled: false } })
  assert.deepEqual(await statuses(), [403])
})

test('figures are those of all threads', async (context) => {
  const serving = await serveInThreads(context)
  await createBucket(serving.client, 'data')
  const clients = times(CONNECTIONS, () => connect(context, serving))
  await Promise.all(
    clients.map((client, at) =>
      putObject(client, { bucket: 'data', key: `k${at}`, body: Buffer.from('v') }),
    ),
  )
  const families = await serving.scrape()
  const puts = { operation: 'PutObject', status: '2xx' }
  assert.equal(total(families, 'coffer_requests_total', puts), CONNECTIONS)
})

test('a port that others serve at is not shared with them', async (context) => {
  const { coffer } = await serveInThreads(context)
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const { host } = new URL(coffer.url)
  const given = ['serve', folder, '--listen', host, '--threads', String(THREADS)]
  const { exitCode, stderr } = await runCoffer(given, { environment: ROOT_KEYS })
  assert.equal(exitCode, 1)
  assert.match(stderr, /another program listens there already/)
})
