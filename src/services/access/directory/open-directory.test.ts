import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createManualClock, type ManualClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import { createSeededRandom } from '../../../base/random.ts'
import { openTables, type Tables } from '../../../tables/tables.ts'
import { deriveAccount } from '../accounts.ts'
import { DEFAULT_ACCOUNT_ID, rootOf } from '../caller.ts'
import { type AccessErrorCode, isAccessError } from './access-error.ts'
import type { Directory } from './directory.ts'
import { openDirectory } from './open-directory.ts'

const ROOT_KEYS = { accessKey: 'root-key', secret: 'root-secret' }
const ALICE = { account: DEFAULT_ACCOUNT_ID, name: 'alice' }
const AUDITORS = { account: DEFAULT_ACCOUNT_ID, name: 'auditors' }
const LOGS = { account: DEFAULT_ACCOUNT_ID, name: 'logs' }
const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::logs/*' },
})

type Opened = {
  readonly directory: Directory
  readonly tables: Tables
  readonly clock: ManualClock
}

async function open(context: TestContext, path = ':memory:'): Promise<Opened> {
  const tables = await openTables({ path })
  const clock = createManualClock(new Date('2026-01-02T03:04:05Z'))
  const random = createSeededRandom(1)
  const options = { tables, clock, random, rootKeys: ROOT_KEYS, log: silentLog }
  const directory = await openDirectory(options)
  context.after(async () => {
    directory.close()
    await tables.close()
  })
  return { directory, tables, clock }
}

function refusal(code: AccessErrorCode): (error: unknown) => boolean {
  return (error) => isAccessError(error, code)
}

test('the root keys are the root of the default account, which is always there', async (context) => {
  const { directory } = await open(context)
  const caller = rootOf(DEFAULT_ACCOUNT_ID)
  assert.deepEqual(await directory.findKey('root-key'), { secret: 'root-secret', caller })
  const [account, ...others] = await directory.accounts.list()
  assert.deepEqual(others, [])
  assert.equal(account?.displayName, 'coffer')
  assert.equal(account.canonicalId, deriveAccount(DEFAULT_ACCOUNT_ID).canonicalId)
})

test('a key calls as its user, with the policies of the user and its groups', async (context) => {
  const { directory } = await open(context)
  const { users, groups, policies, keys } = directory
  await users.create({ ...ALICE, tags: [['team', 'search']] })
  await groups.create(AUDITORS)
  await groups.addMember(AUDITORS, 'alice')
  await policies.put({ ...LOGS, document: DOCUMENT })
  await policies.attach({ ...LOGS, to: { kind: 'group', name: 'auditors' } })
  const readonly = { ...ALICE, name: 'readonly', to: { kind: 'user', name: 'alice' } } as const
  await policies.attach(readonly)
  const { id, secret } = await keys.create({ account: ALICE.account, user: 'alice' })

  const found = await directory.findKey(id)
  assert.equal(found?.secret, secret)
  assert.deepEqual(
    { ...found.caller, policies: [] },
    {
      kind: 'user',
      account: DEFAULT_ACCOUNT_ID,
      identity: 'alice',
      tags: [['team', 'search']],
      policies: [],
    },
  )
  assert.deepEqual(
    found.caller.policies.map(({ source }) => source),
    ['policy readonly of user alice', 'policy logs of group auditors'],
  )
  const [, logs] = found.caller.policies
  assert.deepEqual(logs?.policy.statements[0]?.resources.patterns, ['arn:aws:s3:::logs/*'])
})

test('what is changed counts at once', async (context) => {
  const { directory } = await open(context)
  const { users, policies, keys } = directory
  await users.create(ALICE)
  const { id } = await keys.create({ account: ALICE.account, user: 'alice' })
  const policiesOfAlice = async (): Promise<number | undefined> =>
    (await directory.findKey(id))?.caller.policies.length
  assert.equal(await policiesOfAlice(), 0)
  const attachment = { ...ALICE, name: 'readonly', to: { kind: 'user', name: 'alice' } } as const
  await policies.attach(attachment)
  assert.equal(await policiesOfAlice(), 1)
  await policies.detach(attachment)
  assert.equal(await policiesOfAlice(), 0)
  await keys.setEnabled(id, { enabled: false })
  assert.equal(await directory.findKey(id), undefined)
  await keys.setEnabled(id, { enabled: true })
  assert.equal(await policiesOfAlice(), 0)
  await users.delete(ALICE)
  assert.equal(await directory.findKey(id), undefined)
})

test('what another process changes counts within five seconds', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-directory-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const one = await open(context, join(folder, 'tables.sqlite'))
  const other = await open(context, join(folder, 'tables.sqlite'))
  const made = await one.directory.accounts.create({ displayName: 'research' })
  const { id } = await one.directory.keys.create({ account: made.id })
  assert.deepEqual((await other.directory.findKey(id))?.caller, rootOf(made.id))
  await one.directory.keys.delete(id)
  await one.directory.accounts.create({ id: '999900001111', email: 'a@example.org' })
  other.clock.advance(5001)
  assert.equal(await other.directory.findKey(id), undefined)
  assert.equal(other.directory.owners.findByEmail('a@example.org')?.id, '999900001111')
})

test('a process that cannot ask refuses, but for the root keys', async (context) => {
  const { directory, tables, clock } = await open(context)
  await directory.users.create(ALICE)
  const { id } = await directory.keys.create({ account: ALICE.account, user: 'alice' })
  assert.ok((await directory.findKey(id)) !== undefined)
  await tables.database.schema.dropTable('revisions').execute()
  clock.advance(4000)
  assert.ok((await directory.findKey(id)) !== undefined)
  clock.advance(2000)
  await assert.rejects(directory.findKey(id), refusal('DirectoryUnavailable'))
  await assert.rejects(directory.users.delete(ALICE), refusal('DirectoryUnavailable'))
  assert.ok((await directory.findKey('root-key')) !== undefined)
})

test('owners are described from memory, whoever they are', async (context) => {
  const { directory } = await open(context)
  const canonicalId = 'ab'.repeat(32)
  const given = { id: '111122223333', displayName: 'lab', canonicalId, email: 'lab@example.org' }
  await directory.accounts.create(given)
  assert.equal(directory.owners.describe('111122223333').displayName, 'lab')
  assert.equal(directory.owners.findByCanonicalId(canonicalId)?.id, '111122223333')
  assert.equal(directory.owners.findByEmail('lab@example.org')?.id, '111122223333')
  assert.equal(directory.owners.describe('444455556666').displayName, '444455556666')
  await directory.accounts.delete('111122223333')
  assert.equal(directory.owners.findByEmail('lab@example.org'), undefined)
})

test('names that are taken are refused', async (context) => {
  const { accounts, users, groups, keys } = (await open(context)).directory
  await accounts.create({ id: '111122223333', email: 'a@example.org' })
  await users.create(ALICE)
  await groups.create(AUDITORS)
  await keys.create({ account: ALICE.account, id: 'chosen', secret: 'chosen-secret' })
  await assert.rejects(accounts.create({ id: '111122223333' }), refusal('AccountExists'))
  await assert.rejects(accounts.create({ email: 'a@example.org' }), refusal('AccountExists'))
  await assert.rejects(users.create(ALICE), refusal('UserExists'))
  await assert.rejects(groups.create(AUDITORS), refusal('GroupExists'))
  for (const id of ['chosen', ROOT_KEYS.accessKey]) {
    const twin = keys.create({ account: ALICE.account, user: 'alice', id })
    await assert.rejects(twin, refusal('AccessKeyExists'))
  }
})

test('what is not there is said by its own code', async (context) => {
  const { accounts, users, groups, keys, policies } = (await open(context)).directory
  const nobody = { account: DEFAULT_ACCOUNT_ID, name: 'nobody' }
  const nowhere = { account: '123456789012', name: 'alice' }
  await groups.create(AUDITORS)
  await assert.rejects(accounts.get(nowhere.account), refusal('NoSuchAccount'))
  await assert.rejects(users.create(nowhere), refusal('NoSuchAccount'))
  await assert.rejects(users.get(nobody), refusal('NoSuchUser'))
  await assert.rejects(groups.addMember(AUDITORS, 'nobody'), refusal('NoSuchUser'))
  await assert.rejects(groups.removeMember(AUDITORS, 'nobody'), refusal('NoSuchUser'))
  await assert.rejects(groups.get(nobody), refusal('NoSuchGroup'))
  await assert.rejects(keys.delete('nobody'), refusal('NoSuchAccessKey'))
  await assert.rejects(keys.create({ ...nobody, user: 'nobody' }), refusal('NoSuchUser'))
  await assert.rejects(policies.get(nobody), refusal('NoSuchPolicy'))
  const attachment = { ...nobody, to: { kind: 'group', name: 'auditors' } } as const
  await assert.rejects(policies.attach(attachment), refusal('NoSuchPolicy'))
  await assert.rejects(policies.detach(attachment), refusal('NoSuchPolicy'))
})

test('a policy is replaced as a whole, and kept while somebody has it', async (context) => {
  const { directory } = await open(context)
  const { users, policies } = directory
  await users.create(ALICE)
  await policies.put({ ...LOGS, document: DOCUMENT })
  await policies.put({ ...LOGS, document: DOCUMENT.replace('Allow', 'Deny') })
  await policies.attach({ ...LOGS, to: { kind: 'user', name: 'alice' } })
  const described = await policies.get(LOGS)
  assert.match(described.document, /Deny/)
  assert.deepEqual([described.users, described.groups], [['alice'], []])
  await assert.rejects(policies.delete(LOGS), refusal('PolicyInUse'))
  await users.delete(ALICE)
  await policies.delete(LOGS)
  await assert.rejects(policies.get(LOGS), refusal('NoSuchPolicy'))
})

test('a text that is no policy is refused with what is wrong', async (context) => {
  const { policies } = (await open(context)).directory
  await assert.rejects(policies.put({ ...LOGS, document: '{}' }), refusal('MalformedPolicy'))
})

test('built-in policies are in every account and stay as they are', async (context) => {
  const { policies } = (await open(context)).directory
  const names = (await policies.list(DEFAULT_ACCOUNT_ID)).map(({ name }) => name)
  assert.deepEqual(names, ['readonly', 'readwrite', 'writeonly'])
  const readwrite = { ...ALICE, name: 'readwrite' }
  assert.match((await policies.get(readwrite)).document, /"s3:\*"/)
  await assert.rejects(policies.put({ ...readwrite, document: DOCUMENT }), refusal('BuiltIn'))
  await assert.rejects(policies.delete(readwrite), refusal('BuiltIn'))
})

test('an account goes when it is empty, and the default one never', async (context) => {
  const { accounts, users } = (await open(context)).directory
  const { id } = await accounts.create({})
  await users.create({ account: id, name: 'alice' })
  await assert.rejects(accounts.delete(id), refusal('AccountNotEmpty'))
  await users.delete({ account: id, name: 'alice' })
  await accounts.delete(id)
  await assert.rejects(accounts.delete(DEFAULT_ACCOUNT_ID), refusal('BuiltIn'))
})

test('names that cannot be are refused, and those of callers without a user too', async (context) => {
  const { accounts, users, keys } = (await open(context)).directory
  for (const name of ['', 'root', 'anonymous', 'a b', 'a/b', 'x'.repeat(65)]) {
    await assert.rejects(users.create({ ...ALICE, name }), refusal('InvalidName'), name)
  }
  for (const account of [{ id: '12' }, { canonicalId: 'x' }, { email: 'x' }, { displayName: '' }]) {
    await assert.rejects(accounts.create(account), refusal('InvalidName'))
  }
  for (const key of [{ id: 'a/b' }, { secret: 'short' }, { description: 'a\nb' }]) {
    await assert.rejects(keys.create({ account: ALICE.account, ...key }), refusal('InvalidName'))
  }
})

test('limits refuse and lose nothing', async (context) => {
  const { users, groups, keys } = (await open(context)).directory
  const tags = Array.from({ length: 51 }, (_, at) => [`tag${at}`, ''] as const)
  await assert.rejects(users.create({ ...ALICE, tags }), refusal('LimitExceeded'))
  await users.create(ALICE)
  for (let at = 0; at < 100; at++) await keys.create({ account: ALICE.account, user: 'alice' })
  const more = keys.create({ account: ALICE.account, user: 'alice' })
  await assert.rejects(more, refusal('LimitExceeded'))
  assert.equal((await keys.list({ account: ALICE.account, user: 'alice' })).length, 100)
  assert.deepEqual(await groups.list(ALICE.account), [])
})
