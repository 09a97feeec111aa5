import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import { systemRandom } from '../../../base/random.ts'
import { openTables } from '../../../tables/tables.ts'
import { DEFAULT_ACCOUNT_ID, rootOf } from '../caller.ts'
import { isAccessError } from '../directory/access-error.ts'
import type { Directory } from '../directory/directory.ts'
import { openDirectory } from '../directory/open-directory.ts'
import type { DeclaredAccount } from './identities.ts'

const DOCUMENT = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'

const EMPTY = { keys: [], policies: [], groups: [], users: [] } as const

const ACCOUNT: DeclaredAccount = {
  id: '111122223333',
  displayName: 'research',
  keys: [{ id: 'research-root', secret: 'a-root-secret', description: '' }],
  policies: [{ name: 'all', document: DOCUMENT }],
  groups: [{ name: 'admins', members: ['alice'], policies: ['all'] }],
  users: [
    {
      name: 'alice',
      tags: [],
      policies: ['readonly'],
      keys: [{ id: 'alice-1', secret: 'alices-secret', description: '' }],
    },
  ],
}

const ALICE = { account: ACCOUNT.id, name: 'alice' }

async function open(context: TestContext): Promise<Directory> {
  const tables = await openTables({ path: ':memory:' })
  const directory = await openDirectory({
    tables,
    rootKeys: { accessKey: 'root-key', secret: 'root-secret' },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  })
  context.after(async () => {
    directory.close()
    await tables.close()
  })
  return directory
}

function managedByFile(error: unknown): boolean {
  return isAccessError(error, 'ManagedByFile')
}

test('what the file declares is there, and again after the same file', async (context) => {
  const directory = await open(context)
  for (let start = 0; start < 2; start++) {
    await directory.applyIdentities({ accounts: [ACCOUNT] })
    assert.deepEqual((await directory.findKey('research-root'))?.caller, rootOf(ACCOUNT.id))
    const { policies = [] } = (await directory.findKey('alice-1'))?.caller ?? {}
    assert.deepEqual(
      policies.map(({ source }) => source),
      ['policy readonly of user alice', 'policy all of group admins'],
    )
  }
})

test('what has left the file is gone, what the API made stays', async (context) => {
  const directory = await open(context)
  await directory.applyIdentities({ accounts: [ACCOUNT] })
  await directory.users.create({ account: ACCOUNT.id, name: 'bob' })
  const { id } = await directory.keys.create({ account: ACCOUNT.id, user: 'bob' })
  const bob = { kind: 'user', name: 'bob' } as const
  await directory.policies.attach({ account: ACCOUNT.id, name: 'all', to: bob })
  await directory.applyIdentities({ accounts: [{ ...EMPTY, id: ACCOUNT.id }] })
  assert.equal(await directory.findKey('alice-1'), undefined)
  assert.equal(await directory.findKey('research-root'), undefined)
  assert.deepEqual(await directory.groups.list(ACCOUNT.id), [])
  assert.deepEqual((await directory.findKey(id))?.caller.policies, [])
  assert.equal(directory.owners.describe(ACCOUNT.id).displayName, ACCOUNT.id)
  // Without the file, the account is the API's: it still has a user.
  await directory.applyIdentities({ accounts: [] })
  assert.equal((await directory.accounts.get(ACCOUNT.id)).managed, false)
  await directory.users.delete({ account: ACCOUNT.id, name: 'bob' })
  await directory.accounts.delete(ACCOUNT.id)
})

test('an empty account leaves with the file, and the default account only its names', async (context) => {
  const directory = await open(context)
  const named = { ...EMPTY, id: DEFAULT_ACCOUNT_ID, displayName: 'the house' }
  await directory.applyIdentities({ accounts: [{ ...EMPTY, id: ACCOUNT.id }, named] })
  assert.equal(directory.owners.describe(DEFAULT_ACCOUNT_ID).displayName, 'the house')
  await directory.applyIdentities({ accounts: [] })
  const accounts = await directory.accounts.list()
  assert.deepEqual(
    accounts.map(({ id, displayName, managed }) => ({ id, displayName, managed })),
    [{ id: DEFAULT_ACCOUNT_ID, displayName: 'coffer', managed: false }],
  )
})

test('what the file manages, nobody else changes', async (context) => {
  const { users, groups, keys, policies, accounts, ...directory } = await open(context)
  await directory.applyIdentities({ accounts: [ACCOUNT] })
  const admins = { account: ACCOUNT.id, name: 'admins' }
  const all = { account: ACCOUNT.id, name: 'all' }
  const attempts = [
    () => accounts.delete(ACCOUNT.id),
    () => users.delete(ALICE),
    () => users.setTags(ALICE, []),
    () => groups.delete(admins),
    () => groups.removeMember(admins, 'alice'),
    () => keys.delete('alice-1'),
    () => keys.setEnabled('alice-1', { enabled: false }),
    () => policies.put({ ...all, document: DOCUMENT }),
    () => policies.detach({ ...all, to: { kind: 'group', name: 'admins' } }),
    () => policies.attach({ ...all, to: { kind: 'user', name: 'alice' } }),
  ]
  for (const attempt of attempts) await assert.rejects(attempt(), managedByFile)
})

test('accounts may exchange their names', async (context) => {
  const directory = await open(context)
  const one = { ...EMPTY, id: '111111111111', email: 'a@example.org', canonicalId: 'a'.repeat(64) }
  const other = {
    ...EMPTY,
    id: '222222222222',
    email: 'b@example.org',
    canonicalId: 'b'.repeat(64),
  }
  await directory.applyIdentities({ accounts: [one, other] })
  const exchanged = [
    { ...one, email: other.email, canonicalId: other.canonicalId },
    { ...other, email: one.email, canonicalId: one.canonicalId },
  ]
  await directory.applyIdentities({ accounts: exchanged })
  assert.equal(directory.owners.findByEmail('a@example.org')?.id, '222222222222')
  assert.equal(directory.owners.findByCanonicalId(other.canonicalId)?.id, '111111111111')
})

test('a file that cannot be applied changes nothing', async (context) => {
  const directory = await open(context)
  await directory.applyIdentities({ accounts: [ACCOUNT] })
  await directory.users.create({ account: DEFAULT_ACCOUNT_ID, name: 'bob' })
  await directory.keys.create({ account: DEFAULT_ACCOUNT_ID, user: 'bob', id: 'bobs-key' })
  const takes = (id: string): DeclaredAccount => ({
    ...EMPTY,
    id: ACCOUNT.id,
    keys: [{ id, secret: 'another-secret', description: '' }],
  })
  for (const id of ['bobs-key', 'root-key']) {
    await assert.rejects(directory.applyIdentities({ accounts: [takes(id)] }), (error) =>
      isAccessError(error, 'AccessKeyExists'),
    )
  }
  assert.equal((await directory.findKey('alice-1'))?.secret, 'alices-secret')
})
