// The rows that the identities file manages become what it says, in one transaction.
import type { Clock } from '../../../base/clock.ts'
import { DEFAULT_ACCOUNT_ID } from '../caller.ts'
import { AccessError } from '../directory/access-error.ts'
import { assertDistinct, toAccountRow } from '../directory/account-records.ts'
import type { RootKeys } from '../directory/directory.ts'
import { countRows } from '../directory/record-rules.ts'
import type { Rows, RowsTransaction } from '../directory/rows.ts'
import { renderTags } from '../directory/user-tags.ts'
import type {
  DeclaredAccount,
  DeclaredGroup,
  DeclaredKey,
  DeclaredUser,
  Identities,
} from './identities.ts'

type ApplyOptions = {
  readonly identities: Identities
  readonly clock: Clock
  readonly rootKeys: RootKeys
}

/** Whose a declared row is, and when it was made if it is new. */
type Place = { readonly account: string; readonly managed: 1; readonly createdAt: number }

/** Managed rows that the file does not declare any more are gone; those that the API made stay. */
export async function applyIdentities(rows: Rows, options: ApplyOptions): Promise<void> {
  const { identities, clock, rootKeys } = options
  const { accounts } = identities
  const now = { managed: 1, createdAt: clock.now() } as const
  await rows.write(async (transaction) => {
    await removeUndeclared(transaction, accounts)
    // Two accounts may have exchanged what only one may have at a time.
    await transaction
      .updateTable('accounts')
      .set((row) => ({ canonicalId: row.ref('id'), email: null }))
      .where('managed', '=', 1)
      .execute()
    for (const account of accounts) {
      await putAccount(transaction, account, now)
      const place = { account: account.id, ...now }
      await putPolicies(transaction, account, place)
      for (const user of account.users) await putUser(transaction, user, place)
      for (const group of account.groups) await putGroup(transaction, group, place)
      for (const key of account.keys) {
        assertNotRoot(key, rootKeys)
        await putKey(transaction, { ...key, userName: null }, place)
      }
      for (const user of account.users) {
        for (const key of user.keys) {
          assertNotRoot(key, rootKeys)
          await putKey(transaction, { ...key, userName: user.name }, place)
        }
      }
    }
  })
}

async function putAccount(
  transaction: RowsTransaction,
  account: DeclaredAccount,
  now: Pick<Place, 'managed' | 'createdAt'>,
): Promise<void> {
  const row = toAccountRow(account, now)
  await assertDistinct(transaction, row)
  const { createdAt: _, ...declared } = row
  await transaction
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(declared))
    .execute()
}

async function putPolicies(
  transaction: RowsTransaction,
  { policies }: DeclaredAccount,
  place: Place,
): Promise<void> {
  for (const { name, document } of policies) {
    await transaction
      .insertInto('policies')
      .values({ ...place, name, document })
      .onConflict((conflict) =>
        conflict.columns(['account', 'name']).doUpdateSet({ document, managed: 1 }),
      )
      .execute()
  }
}

async function putUser(
  transaction: RowsTransaction,
  { name, policies, ...user }: DeclaredUser,
  place: Place,
): Promise<void> {
  const { account } = place
  const tags = renderTags(user.tags)
  await transaction
    .insertInto('users')
    .values({ ...place, name, tags })
    .onConflict((conflict) =>
      conflict.columns(['account', 'name']).doUpdateSet({ tags, managed: 1 }),
    )
    .execute()
  await transaction
    .deleteFrom('userPolicies')
    .where('account', '=', account)
    .where('userName', '=', name)
    .execute()
  for (const policyName of policies) {
    const row = { account, userName: name, policyName }
    await transaction.insertInto('userPolicies').values(row).execute()
  }
}

async function putGroup(
  transaction: RowsTransaction,
  { name, members, policies }: DeclaredGroup,
  place: Place,
): Promise<void> {
  const { account } = place
  await transaction
    .insertInto('groups')
    .values({ ...place, name })
    .onConflict((conflict) => conflict.columns(['account', 'name']).doUpdateSet({ managed: 1 }))
    .execute()
  for (const table of ['groupMembers', 'groupPolicies'] as const) {
    await transaction
      .deleteFrom(table)
      .where('account', '=', account)
      .where('groupName', '=', name)
      .execute()
  }
  for (const userName of members) {
    const row = { account, groupName: name, userName }
    await transaction.insertInto('groupMembers').values(row).execute()
  }
  for (const policyName of policies) {
    const row = { account, groupName: name, policyName }
    await transaction.insertInto('groupPolicies').values(row).execute()
  }
}

async function putKey(
  transaction: RowsTransaction,
  { id, secret, description, userName }: DeclaredKey & { readonly userName: string | null },
  place: Place,
): Promise<void> {
  const owner = { account: place.account, userName }
  const old = await transaction
    .selectFrom('accessKeys')
    .select(['account', 'userName', 'managed'])
    .where('id', '=', id)
    .executeTakeFirst()
  const isForeign = old?.account !== owner.account || old.userName !== userName
  if (old?.managed === 0 && isForeign) {
    throw new AccessError(
      'AccessKeyExists',
      `The access key ${id} of the identities file is ${old.userName ?? 'the root'}'s in account ` +
        `${old.account}. Delete it there, or declare another one.`,
    )
  }
  const declared = { ...owner, secret, description, enabled: 1, managed: 1 } as const
  await transaction
    .insertInto('accessKeys')
    .values({ ...place, ...declared, id })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(declared))
    .execute()
}

function assertNotRoot({ id }: DeclaredKey, rootKeys: RootKeys): void {
  if (id !== rootKeys.accessKey) return
  throw new AccessError(
    'AccessKeyExists',
    `The identities file declares the access key ${id}, which is the server's root key. Give either ` +
      'of them another one.',
  )
}

async function removeUndeclared(
  transaction: RowsTransaction,
  accounts: readonly DeclaredAccount[],
): Promise<void> {
  const keys = accounts.flatMap((it) => [it.keys, ...it.users.map((user) => user.keys)].flat())
  const keyIds = new Set(keys.map(({ id }) => id))
  const found = await transaction
    .selectFrom('accessKeys')
    .select('id')
    .where('managed', '=', 1)
    .execute()
  for (const { id } of found) {
    if (keyIds.has(id)) continue
    await transaction.deleteFrom('accessKeys').where('id', '=', id).execute()
  }
  for (const table of ['users', 'groups', 'policies'] as const) {
    const declared = new Map(
      accounts.map((it) => [it.id, new Set(it[table].map((one) => one.name))]),
    )
    const rows = await transaction
      .selectFrom(table)
      .select(['account', 'name'])
      .where('managed', '=', 1)
      .execute()
    for (const { account, name } of rows) {
      if (declared.get(account)?.has(name) === true) continue
      if (table === 'policies') await detachEverywhere(transaction, { account, name })
      await transaction
        .deleteFrom(table)
        .where('account', '=', account)
        .where('name', '=', name)
        .execute()
    }
  }
  await removeAccounts(transaction, new Set(accounts.map(({ id }) => id)))
}

/** Users and groups that the API made may have a policy of the file. */
async function detachEverywhere(
  transaction: RowsTransaction,
  policy: { readonly account: string; readonly name: string },
): Promise<void> {
  for (const table of ['userPolicies', 'groupPolicies'] as const) {
    await transaction
      .deleteFrom(table)
      .where('account', '=', policy.account)
      .where('policyName', '=', policy.name)
      .execute()
  }
}

/** An account in which the API has made something stays, and is the API's from now on. */
async function removeAccounts(
  transaction: RowsTransaction,
  declared: ReadonlySet<string>,
): Promise<void> {
  const rows = await transaction
    .selectFrom('accounts')
    .selectAll()
    .where('managed', '=', 1)
    .execute()
  for (const { id, createdAt } of rows) {
    if (declared.has(id)) continue
    if (id === DEFAULT_ACCOUNT_ID) {
      const row = toAccountRow({ id }, { createdAt, managed: 0 })
      await transaction.updateTable('accounts').set(row).where('id', '=', id).execute()
    } else if (await isEmpty(transaction, id)) {
      await transaction.deleteFrom('accounts').where('id', '=', id).execute()
    } else {
      await transaction.updateTable('accounts').set({ managed: 0 }).where('id', '=', id).execute()
    }
  }
}

async function isEmpty(transaction: RowsTransaction, account: string): Promise<boolean> {
  const tables = ['users', 'groups', 'policies', 'accessKeys'] as const
  for (const table of tables) {
    if ((await countRows(transaction, table, account)) > 0) return false
  }
  return true
}
