import type { Clock } from '../../../base/clock.ts'
import type { UserRow } from '../../../tables/schema.ts'
import { AccessError } from './access-error.ts'
import { assertAccount } from './account-records.ts'
import type { UserRecords } from './directory.ts'
import { listKeys } from './key-records.ts'
import { USERS_PER_ACCOUNT_MAX } from './limits.ts'
import { assertName } from './names.ts'
import { assertRoom, assertUnmanaged, countRows } from './record-rules.ts'
import type { Named, UserDescription, UserRecord } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'
import { assertTags, parseTags, renderTags } from './user-tags.ts'
import { getUserRow } from './named-rows.ts'

export function createUserRecords(rows: Rows, { clock }: { readonly clock: Clock }): UserRecords {
  return {
    async create({ account, name, tags = [] }) {
      assertName('user', name)
      assertTags(tags)
      const row = {
        account,
        name,
        tags: renderTags(tags),
        managed: 0,
        createdAt: clock.now(),
      } as const
      return rows.write(async (transaction) => {
        await assertAccount(transaction, account)
        await assertNew(transaction, row)
        assertRoom(
          await countRows(transaction, 'users', account),
          USERS_PER_ACCOUNT_MAX,
          `users in account ${account}`,
        )
        await transaction.insertInto('users').values(row).execute()
        return toRecord(row)
      })
    },
    get: (user) => rows.read((transaction) => describe(transaction, user)),
    list: (account) =>
      rows.read(async (transaction) => {
        await assertAccount(transaction, account)
        const found = await transaction
          .selectFrom('users')
          .selectAll()
          .where('account', '=', account)
          .orderBy('name')
          .execute()
        return found.map(toRecord)
      }),
    async setTags(user, tags) {
      assertTags(tags)
      await rows.write(async (transaction) => {
        assertUnmanaged(await getUserRow(transaction, user), `user ${user.name}`)
        await transaction
          .updateTable('users')
          .set({ tags: renderTags(tags) })
          .where('account', '=', user.account)
          .where('name', '=', user.name)
          .execute()
      })
    },
    delete: (user) =>
      rows.write(async (transaction) => {
        assertUnmanaged(await getUserRow(transaction, user), `user ${user.name}`)
        await transaction
          .deleteFrom('users')
          .where('account', '=', user.account)
          .where('name', '=', user.name)
          .execute()
      }),
  }
}

async function describe(transaction: RowsTransaction, user: Named): Promise<UserDescription> {
  const row = await getUserRow(transaction, user)
  const { account, name } = user
  const groups = await transaction
    .selectFrom('groupMembers')
    .select('groupName')
    .where('account', '=', account)
    .where('userName', '=', name)
    .orderBy('groupName')
    .execute()
  const policies = await transaction
    .selectFrom('userPolicies')
    .select('policyName')
    .where('account', '=', account)
    .where('userName', '=', name)
    .orderBy('policyName')
    .execute()
  return {
    ...toRecord(row),
    groups: groups.map(({ groupName }) => groupName),
    policies: policies.map(({ policyName }) => policyName),
    keys: await listKeys(transaction, { account, user: name }),
  }
}

function toRecord({ tags, managed, createdAt, ...user }: UserRow): UserRecord {
  return {
    ...user,
    tags: parseTags(tags),
    managed: managed === 1,
    createdAt: new Date(createdAt),
  }
}

async function assertNew(transaction: RowsTransaction, { account, name }: Named): Promise<void> {
  const twin = await transaction
    .selectFrom('users')
    .select('name')
    .where('account', '=', account)
    .where('name', '=', name)
    .executeTakeFirst()
  if (twin === undefined) return
  throw new AccessError('UserExists', `Account ${account} has a user ${name} already.`)
}
