// What holds for records of every kind.
import type { RowsTransaction } from './rows.ts'
import { AccessError } from './access-error.ts'

/** @throws AccessError `ManagedByFile` */
export function assertUnmanaged(row: { readonly managed: 0 | 1 }, what: string): void {
  if (row.managed === 0) return
  throw new AccessError(
    'ManagedByFile',
    `The identities file manages ${what}. Change it there and start again.`,
  )
}

/** @throws AccessError `LimitExceeded` when there is no room for one more */
export function assertRoom(count: number, limit: number, what: string): void {
  if (count < limit) return
  throw new AccessError('LimitExceeded', `There are ${limit} ${what} already, which is the limit.`)
}

type CountedTable = 'users' | 'groups' | 'policies' | 'accessKeys'

/** How many rows there are, of an account where the table has accounts. */
export function countRows(transaction: RowsTransaction, table: 'accounts'): Promise<number>
export function countRows(
  transaction: RowsTransaction,
  table: CountedTable,
  account: string,
): Promise<number>
export async function countRows(
  transaction: RowsTransaction,
  table: 'accounts' | CountedTable,
  account?: string,
): Promise<number> {
  const { count } = await transaction
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .$if(account !== undefined, (query) => query.where('account', '=', account ?? ''))
    .executeTakeFirstOrThrow()
  return count
}
