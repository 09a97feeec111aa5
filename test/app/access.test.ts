/** Accounts, users, keys, groups and policies as operators make them, and as clients meet them. */
import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { AsJson, MadeKeyAnswer, UserAnswer } from '../../src/protocols/admin/contract.ts'
import { administer } from './administer.ts'
import { ROOT_KEYS, runCoffer, temporaryFolder, type Ended } from './coffer-process.ts'
import { serve, type Serving } from './serving.ts'

type Keys = Pick<MadeKeyAnswer, 'id' | 'secret'>

const ROOT: Keys = {
  id: ROOT_KEYS.COFFER_ROOT_USER,
  secret: ROOT_KEYS.COFFER_ROOT_PASSWORD,
}

/** "Auditors may read `logs/` and nothing else." */
const AUDITORS_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/logs/*' },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::data',
      Condition: { StringLike: { 's3:prefix': 'logs/*' } },
    },
  ],
}

/** `coffer …` about the server's records: what it printed, when it has not failed. */
async function run({ folder }: Pick<Serving, 'folder'>, ...given: string[]): Promise<string> {
  const end = await tryRun({ folder }, ...given)
  assert.equal(end.exitCode, 0, `${given.join(' ')}: ${end.stderr}`)
  return end.stdout
}

function tryRun({ folder }: Pick<Serving, 'folder'>, ...given: string[]): Promise<Ended> {
  return runCoffer([...given, '--folder', folder], { environment: ROOT_KEYS })
}

async function makeKey(serving: Serving, ...given: string[]): Promise<Keys> {
  const keys: Keys = JSON.parse(await run(serving, 'key', 'create', '--json', ...given))
  return keys
}

function clientOf(context: TestContext, { coffer }: Serving, { id, secret }: Keys): S3Client {
  const client = new S3Client({
    endpoint: coffer.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
  })
  context.after(() => client.destroy())
  return client
}

async function fillBucket(context: TestContext, serving: Serving): Promise<void> {
  const client = clientOf(context, serving, ROOT)
  await client.send(new CreateBucketCommand({ Bucket: 'data' }))
  for (const Key of ['logs/monday', 'secrets/plan']) {
    await client.send(new PutObjectCommand({ Bucket: 'data', Key, Body: Key }))
  }
}

function get(client: S3Client, Key: string): Promise<unknown> {
  return client.send(new GetObjectCommand({ Bucket: 'data', Key }))
}

/** The auditor alice, made by commands. */
async function makeAuditor(context: TestContext, serving: Serving): Promise<Keys> {
  const file = join(await temporaryFolder((cleanUp) => context.after(cleanUp)), 'auditors.json')
  await writeFile(file, JSON.stringify(AUDITORS_POLICY))
  await run(serving, 'user', 'create', 'alice', '--tag', 'team=audit')
  await run(serving, 'group', 'create', 'auditors')
  await run(serving, 'group', 'add', 'auditors', 'alice')
  await run(serving, 'policy', 'put', 'read-logs', file)
  await run(serving, 'policy', 'attach', 'read-logs', '--group', 'auditors')
  return makeKey(serving, '--user', 'alice', '--description', 'laptop')
}

/** The same, by the API that the commands call. */
async function addAuditor({ coffer }: Serving): Promise<Keys> {
  const member = { name: 'auditors', user: 'alice' }
  const attached = { name: 'read-logs', group: 'auditors' }
  const calls = [
    { method: 'POST', path: '/coffer/users', body: { name: 'alice', tags: { team: 'audit' } } },
    { method: 'POST', path: '/coffer/groups', body: { name: 'auditors' } },
    { method: 'PUT', path: '/coffer/group/member', query: member },
    { method: 'PUT', path: '/coffer/policy', query: { name: 'read-logs' }, body: AUDITORS_POLICY },
    { method: 'PUT', path: '/coffer/policy/attachment', query: attached },
  ] as const
  for (const call of calls) await administer(coffer, call)
  const key = { method: 'POST', path: '/coffer/keys', body: { user: 'alice' } } as const
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract says so
  return (await administer(coffer, key)) as Keys
}

test('a user may do what its group’s policy allows, and nothing else', async (context) => {
  const serving = await serve(context)
  await fillBucket(context, serving)
  const alice = clientOf(context, serving, await makeAuditor(context, serving))
  await get(alice, 'logs/monday')
  const list = new ListObjectsV2Command({ Bucket: 'data', Prefix: 'logs/' })
  assert.deepEqual(
    (await alice.send(list)).Contents?.map(({ Key }) => Key),
    ['logs/monday'],
  )
  const everything = new ListObjectsV2Command({ Bucket: 'data' })
  const put = new PutObjectCommand({ Bucket: 'data', Key: 'logs/monday', Body: 'forged' })
  await assert.rejects(alice.send(everything), { name: 'AccessDenied' })
  await assert.rejects(alice.send(put), { name: 'AccessDenied' })
  await assert.rejects(get(alice, 'secrets/plan'), { name: 'AccessDenied' })

  const why = ['policy', 'why', '--user', 'alice', '--action', 's3:GetObject', '--resource']
  assert.match(await run(serving, ...why, 'data/logs/x'), /^Allowed: .*read-logs.*auditors/)
  assert.match(await run(serving, ...why, 'data/secrets/plan'), /^Denied: /)
})

test('a revocation is felt at once, and a kill forgets nothing', async (context) => {
  const serving = await serve(context)
  await fillBucket(context, serving)
  const keys = await addAuditor(serving)
  const alice = clientOf(context, serving, keys)
  await get(alice, 'logs/monday')
  await run(serving, 'key', 'disable', keys.id)
  await assert.rejects(get(alice, 'logs/monday'), { name: 'InvalidAccessKeyId' })
  await run(serving, 'key', 'enable', keys.id)
  await get(alice, 'logs/monday')
  await run(serving, 'group', 'remove', 'auditors', 'alice')
  await assert.rejects(get(alice, 'logs/monday'), { name: 'AccessDenied' })
  await run(serving, 'group', 'add', 'auditors', 'alice')
  serving.coffer.signal('SIGKILL')
  await serving.coffer.ended

  const again = await serve(context, { folder: serving.folder })
  const aliceAgain = clientOf(context, again, keys)
  await get(aliceAgain, 'logs/monday')
  await run(again, 'user', 'delete', 'alice')
  await assert.rejects(get(aliceAgain, 'logs/monday'), { name: 'InvalidAccessKeyId' })
})

test('what another process commits counts within five seconds', async (context) => {
  const serving = await serve(context)
  await fillBucket(context, serving)
  const alice = clientOf(context, serving, await addAuditor(serving))
  await get(alice, 'logs/monday')
  const tables = new DatabaseSync(join(serving.folder, 'tables.sqlite'), { timeout: 5000 })
  context.after(() => tables.close())
  tables.exec('UPDATE access_keys SET enabled = 0; UPDATE revisions SET value = value + 1')
  const startedMs = performance.now()
  while (performance.now() - startedMs < 5000 && (await mayGet(alice))) await setTimeout(100)
  await assert.rejects(get(alice, 'logs/monday'), { name: 'InvalidAccessKeyId' })
})

async function mayGet(client: S3Client): Promise<boolean> {
  return get(client, 'logs/monday').then(
    () => true,
    () => false,
  )
}

test('an account has its own buckets and users', async (context) => {
  const serving = await serve(context)
  await fillBucket(context, serving)
  const given = ['--id', '111122223333', '--name', 'research', '--email', 'lab@example.org']
  await run(serving, 'account', 'create', ...given)
  const lab = clientOf(context, serving, await makeKey(serving, '--account', '111122223333'))
  await lab.send(new CreateBucketCommand({ Bucket: 'results' }))
  const { Buckets, Owner } = await lab.send(new ListBucketsCommand({}))
  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    ['results'],
  )
  assert.equal(Owner?.DisplayName, 'research')
  assert.match(await run(serving, 'account', 'show', '111122223333'), new RegExp(String(Owner.ID)))
  await assert.rejects(get(lab, 'logs/monday'), { name: 'AccessDenied' })
  const foreign = ['user', 'create', 'bob', '--account', '111122223333']
  await run(serving, ...foreign)
  assert.match(await run(serving, 'user', 'list', '--account', '111122223333'), /^bob/m)
  assert.doesNotMatch(await run(serving, 'user', 'list'), /bob/)
})

test('refusals name what is wrong and end with another exit code', async (context) => {
  const serving = await serve(context)
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['user', 'show', 'nobody'], 1, /Account 000000000000 has no user nobody/],
    [['user', 'create', 'root'], 1, /"root" cannot be the name of a user/],
    [['policy', 'attach', 'readonly'], 2, /Name one of --user and --group/],
    [['policy', 'delete', 'readonly'], 1, /built-in/],
    [['user', 'creat', 'x'], 2, /unknown command 'creat'/],
    [['user', 'create', 'x', '--tag', 'novalue'], 2, /"novalue" is not name=value/],
  ]
  for (const [given, exitCode, message] of cases) {
    const end = await tryRun(serving, ...given)
    assert.equal(end.exitCode, exitCode, end.stderr)
    assert.match(end.stderr, message)
  }
  await serving.coffer.stop()
  const end = await tryRun(serving, 'user', 'list')
  assert.equal(end.exitCode, 2)
  assert.match(end.stderr, /No server runs on .* `coffer serve`/)
})

for (const place of ['beside a server', 'without a server'] as const) {
  test(`a backup ${place} brings accounts, users and keys back`, async (context) => {
    const serving = await serve(context)
    await fillBucket(context, serving)
    const keys = await addAuditor(serving)
    const elsewhere = await temporaryFolder((cleanUp) => context.after(cleanUp))
    const backup = join(elsewhere, 'backup')
    if (place === 'without a server') await serving.coffer.stop()
    await run(serving, 'backup', backup)
    if (place === 'beside a server') await run(serving, 'user', 'delete', 'alice')
    await serving.coffer.stop()

    const folder = join(elsewhere, 'restored')
    assert.equal((await runCoffer(['restore', backup, folder])).exitCode, 0)
    assert.equal((await stat(join(folder, 'tables.sqlite'))).mode & 0o777, 0o600)
    const restored = await serve(context, { folder })
    await get(clientOf(context, restored, keys), 'logs/monday')
    const text = await run(restored, 'user', 'show', 'alice', '--json')
    const user: AsJson<UserAnswer> = JSON.parse(text)
    assert.deepEqual([user.groups, user.tags], [['auditors'], [['team', 'audit']]])
  })
}

test('a scrub reads the tables too', async (context) => {
  const serving = await serve(context)
  await addAuditor(serving)
  assert.match(await run(serving, 'scrub'), /"findings":\{\}/)
  await serving.coffer.stop()
  const path = join(serving.folder, 'tables.sqlite')
  const bytes = await readFile(path)
  await writeFile(path, bytes.fill(0xa5, bytes.length - 4096))
  const end = await tryRun(serving, 'scrub')
  assert.equal(end.exitCode, 3, end.stderr)
  assert.match(end.stdout, /tables\.sqlite: .*Restore it from a backup/)
  assert.match(end.stdout, /"findings":\{"row":[1-9]/)
})

type Declared = { readonly folder: string; readonly file: string; readonly start: StartDeclared }
type StartDeclared = (identities: object | string) => Promise<Serving>

/** A folder and a function that serves it with an identities file. */
async function declared(context: TestContext): Promise<Declared> {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const elsewhere = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const file = join(elsewhere, 'identities.json')
  await writeFile(join(elsewhere, 'alice.secret'), 'the-secret-of-alice\n', { mode: 0o600 })
  return {
    folder,
    file,
    async start(identities) {
      await writeFile(
        file,
        typeof identities === 'string' ? identities : JSON.stringify(identities),
      )
      await chmod(file, 0o600)
      return serve(context, { folder, given: ['--identities', file] })
    },
  }
}

const ALICE_KEYS: Keys = { id: 'alice-laptop', secret: 'the-secret-of-alice' }

function declaring(...users: readonly object[]): object {
  return { accounts: [{ id: '000000000000', displayName: 'the house', users }] }
}

const ALICE = {
  name: 'alice',
  policies: ['readwrite'],
  keys: [{ accessKey: ALICE_KEYS.id, secretKeyFile: 'alice.secret' }],
}

test('what the identities file declares is there until it leaves the file', async (context) => {
  const { start } = await declared(context)
  const first = await start(declaring(ALICE))
  await fillBucket(context, first)
  await get(clientOf(context, first, ALICE_KEYS), 'secrets/plan')
  const refused = await tryRun(first, 'user', 'delete', 'alice')
  assert.equal(refused.exitCode, 1)
  assert.match(refused.stderr, /The identities file manages user alice/)
  assert.match(await run(first, 'account', 'list'), /the house/)
  await first.coffer.stop()

  const second = await start(declaring())
  const alice = clientOf(context, second, ALICE_KEYS)
  await assert.rejects(get(alice, 'secrets/plan'), { name: 'InvalidAccessKeyId' })
})

test('an identities file with a mistake stops the start, and names the place', async (context) => {
  const { folder, file } = await declared(context)
  await writeFile(file, JSON.stringify(declaring({ ...ALICE, policies: ['gone'] })))
  const end = await runCoffer(['serve', folder, '--listen', '127.0.0.1:0', '--identities', file], {
    environment: ROOT_KEYS,
  })
  assert.equal(end.exitCode, 2)
  assert.match(end.stderr, /accounts\[0\]\.users\[0\]\.policies names "gone"/)
  assert.ok(end.stderr.includes(file))
})

test('secrets that others can read are warned of, and appear nowhere', async (context) => {
  const { folder, file, start } = await declared(context)
  const keys = [{ accessKey: 'alice-inline', secretKey: 'an-inline-secret' }]
  const serving = await start(declaring({ ...ALICE, keys }))
  await serving.coffer.stop()
  assert.doesNotMatch(serving.coffer.stderr(), /secrets-readable/)
  await chmod(file, 0o644)
  const open = await serve(context, { folder, given: ['--identities', file] })
  const end = await open.coffer.stop()
  assert.match(end.stderr, /secrets-readable/)
  assert.doesNotMatch(end.stderr + end.stdout, /an-inline-secret/)
})
