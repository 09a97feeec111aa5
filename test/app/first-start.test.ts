/** Root keys: made once, shown once to a person, kept from everybody else. */
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { listBuckets } from '../load/s3-calls.ts'
import { openS3Client, type S3Client } from '../load/s3-client.ts'
import { serveCoffer, temporaryFolder, type RunningCoffer } from './coffer-process.ts'
import { hasTerminal, serveOnTerminal } from './terminal.ts'

const ANY_PORT = ['--listen', '127.0.0.1:0']
const OWNER_ONLY = 0o600

type Keys = { readonly user: string; readonly password: string }

async function start(
  context: TestContext,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningCoffer> {
  const coffer = await serveCoffer([folder, ...ANY_PORT], { environment })
  context.after(() => coffer.stop())
  return coffer
}

async function readKeys(folder: string): Promise<Keys> {
  const keys: Keys = JSON.parse(await readFile(join(folder, 'root-keys.json'), 'utf8'))
  return keys
}

function clientOf(context: TestContext, endpoint: string, { user, password }: Keys): S3Client {
  const client = openS3Client({ endpoint, accessKey: user, secretKey: password, connections: 1 })
  context.after(() => client.close())
  return client
}

test('the first start makes keys that only their owner can read', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const coffer = await start(context, folder)
  const { mode } = await stat(join(folder, 'root-keys.json'))
  assert.equal(mode & 0o777, OWNER_ONLY)
  const client = clientOf(context, coffer.url, await readKeys(folder))
  assert.deepEqual(await listBuckets(client), [])
})

test('where no person watches, keys are not shown, but where they lie', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const coffer = await start(context, folder)
  const { password } = await readKeys(folder)
  await coffer.stop()
  assert.ok(coffer.stdout().includes(join(folder, 'root-keys.json')))
  assert.ok(!coffer.stdout().includes(password))
  assert.ok(!coffer.stderr().includes(password))
})

test('a second start keeps the keys', async (context) => {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  await (await start(context, folder)).stop()
  const keys = await readKeys(folder)
  const coffer = await start(context, folder)
  assert.deepEqual(await readKeys(folder), keys)
  assert.deepEqual(await listBuckets(clientOf(context, coffer.url, keys)), [])
})

test('a person at a terminal is shown new keys once, ready to paste', async (context) => {
  if (!hasTerminal()) {
    context.skip('The command `script` makes the terminal, and this machine does not have it.')
    return
  }
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const first = await (await serveOnTerminal(folder)).interrupt()
  const { user, password } = await readKeys(folder)
  assert.match(first, new RegExp(`export AWS_ACCESS_KEY_ID=${user}\\s`))
  assert.match(first, new RegExp(`export AWS_SECRET_ACCESS_KEY=${password}\\s`))
  assert.match(first, new RegExp(`aws_secret_access_key="${password}"`))
  const second = await (await serveOnTerminal(folder)).interrupt()
  assert.ok(second.includes('http://127.0.0.1:'))
  assert.ok(!second.includes(password))
})

for (const names of [
  ['COFFER_ROOT_USER', 'COFFER_ROOT_PASSWORD'],
  ['MINIO_ROOT_USER', 'MINIO_ROOT_PASSWORD'],
] as const) {
  test(`${names.join(' and ')} are the keys, and none are made`, async (context) => {
    const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
    const keys = { user: 'given-user', password: 'given-password' }
    const environment = { [names[0]]: keys.user, [names[1]]: keys.password }
    const coffer = await start(context, folder, environment)
    assert.deepEqual(await listBuckets(clientOf(context, coffer.url, keys)), [])
    await assert.rejects(readKeys(folder), { code: 'ENOENT' })
    assert.ok(!coffer.stdout().includes(keys.password))
  })
}
