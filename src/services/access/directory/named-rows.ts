// The rows of users and groups, found by their names.
import type { GroupRow, UserRow } from '../../../tables/schema.ts'
import { AccessError } from './access-error.ts'
import type { Named } from './records.ts'
import type { RowsTransaction } from './rows.ts'
/** @throws AccessError `NoSuchUser` */
export async function getUserRow(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<UserRow> {
  const row = await transaction
    .selectFrom('users')
    .selectAll()
    .where('account', '=', account)
    .where('name', '=', name)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw new AccessError('NoSuchUser', `Account ${account} has no user ${name}.`)
}

/** @throws AccessError `NoSuchGroup` */
export async function getGroupRow(transaction: RowsTransaction, group: Named): Promise<GroupRow> {
  const row = await findGroupRow(transaction, group)
  if (row !== undefined) return row
  throw new AccessError('NoSuchGroup', `Account ${group.account} has no group ${group.name}.`)
}

export function findGroupRow(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<GroupRow | undefined> {
  return transaction
    .selectFrom('groups')
    .selectAll()
    .where('account', '=', account)
    .where('name', '=', name)
    .executeTakeFirst()
}
