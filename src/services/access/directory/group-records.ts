import type { Clock } from '../../../base/clock.ts'
import type { GroupRow } from '../../../tables/schema.ts'
import { AccessError } from './access-error.ts'
import { assertAccount } from './account-records.ts'
import type { GroupRecords } from './directory.ts'
import { GROUPS_PER_ACCOUNT_MAX, GROUPS_PER_USER_MAX } from './limits.ts'
import { findGroupRow, getGroupRow, getUserRow } from './named-rows.ts'
import { assertName } from './names.ts'
import { assertRoom, assertUnmanaged, countRows } from './record-rules.ts'
import type { GroupDescription, GroupRecord, Named } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'

export function createGroupRecords(rows: Rows, { clock }: { readonly clock: Clock }): GroupRecords {
  return {
    async create({ account, name }) {
      assertName('group', name)
      const row = { account, name, managed: 0, createdAt: clock.now() } as const
      return rows.write(async (transaction) => {
        await assertAccount(transaction, account)
        if ((await findGroupRow(transaction, row)) !== undefined) {
          throw new AccessError('GroupExists', `Account ${account} has a group ${name} already.`)
        }
        const count = await countRows(transaction, 'groups', account)
        assertRoom(count, GROUPS_PER_ACCOUNT_MAX, `groups in account ${account}`)
        await transaction.insertInto('groups').values(row).execute()
        return toRecord(row)
      })
    },
    get: (group) => rows.read((transaction) => describe(transaction, group)),
    list: (account) =>
      rows.read(async (transaction) => {
        await assertAccount(transaction, account)
        const found = await transaction
          .selectFrom('groups')
          .selectAll()
          .where('account', '=', account)
          .orderBy('name')
          .execute()
        return found.map(toRecord)
      }),
    addMember: (group, user) =>
      rows.write(async (transaction) => {
        await assertChangeable(transaction, group)
        await getUserRow(transaction, { account: group.account, name: user })
        await addMember(transaction, group, user)
      }),
    removeMember: (group, user) =>
      rows.write(async (transaction) => {
        await assertChangeable(transaction, group)
        await removeMember(transaction, group, user)
      }),
    delete: (group) =>
      rows.write(async (transaction) => {
        await assertChangeable(transaction, group)
        await transaction
          .deleteFrom('groups')
          .where('account', '=', group.account)
          .where('name', '=', group.name)
          .execute()
      }),
  }
}

async function describe(transaction: RowsTransaction, group: Named): Promise<GroupDescription> {
  const row = await getGroupRow(transaction, group)
  const members = await transaction
    .selectFrom('groupMembers')
    .select('userName')
    .where('account', '=', group.account)
    .where('groupName', '=', group.name)
    .orderBy('userName')
    .execute()
  const policies = await transaction
    .selectFrom('groupPolicies')
    .select('policyName')
    .where('account', '=', group.account)
    .where('groupName', '=', group.name)
    .orderBy('policyName')
    .execute()
  return {
    ...toRecord(row),
    members: members.map(({ userName }) => userName),
    policies: policies.map(({ policyName }) => policyName),
  }
}

async function addMember(transaction: RowsTransaction, group: Named, user: string): Promise<void> {
  const { account, name } = group
  const groups = await transaction
    .selectFrom('groupMembers')
    .select('groupName')
    .where('account', '=', account)
    .where('userName', '=', user)
    .execute()
  if (groups.some(({ groupName }) => groupName === name)) return
  assertRoom(groups.length, GROUPS_PER_USER_MAX, `groups of ${user}`)
  const row = { account, groupName: name, userName: user }
  await transaction.insertInto('groupMembers').values(row).execute()
}

async function removeMember(
  transaction: RowsTransaction,
  { account, name }: Named,
  user: string,
): Promise<void> {
  const { numDeletedRows } = await transaction
    .deleteFrom('groupMembers')
    .where('account', '=', account)
    .where('groupName', '=', name)
    .where('userName', '=', user)
    .executeTakeFirst()
  if (numDeletedRows > 0n) return
  throw new AccessError('NoSuchUser', `The group ${name} has no member ${user}.`)
}

async function assertChangeable(transaction: RowsTransaction, group: Named): Promise<void> {
  assertUnmanaged(await getGroupRow(transaction, group), `the group ${group.name}`)
}

function toRecord({ managed, createdAt, ...group }: GroupRow): GroupRecord {
  return { ...group, managed: managed === 1, createdAt: new Date(createdAt) }
}
