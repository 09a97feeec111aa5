import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import type { AccountRow } from '../../../tables/schema.ts'
import { deriveAccount } from '../accounts.ts'
import { DEFAULT_ACCOUNT_ID } from '../caller.ts'
import { AccessError } from './access-error.ts'
import type { AccountRecords } from './directory.ts'
import { ACCOUNTS_MAX } from './limits.ts'
import { assertAccountId, assertCanonicalId, assertDisplayName, assertEmail } from './names.ts'
import { assertRoom, assertUnmanaged, countRows } from './record-rules.ts'
import type { AccountRecord, NewAccount } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'

type Surroundings = { readonly clock: Clock; readonly random: Random }

export function createAccountRecords(rows: Rows, { clock, random }: Surroundings): AccountRecords {
  return {
    create: (account) =>
      rows.write(async (transaction) => {
        const id = account.id ?? (await inventId(transaction, random))
        const row = toAccountRow({ ...account, id }, { createdAt: clock.now(), managed: 0 })
        assertRoom(await countRows(transaction, 'accounts'), ACCOUNTS_MAX, 'accounts')
        await assertNew(transaction, id)
        await assertDistinct(transaction, row)
        await transaction.insertInto('accounts').values(row).execute()
        return toAccountRecord(row)
      }),
    get: (id) => rows.read(async (transaction) => toAccountRecord(await getRow(transaction, id))),
    list: () =>
      rows.read(async (transaction) => {
        const found = await transaction.selectFrom('accounts').selectAll().orderBy('id').execute()
        return found.map(toAccountRecord)
      }),
    delete: (id) =>
      rows.write(async (transaction) => {
        assertUnmanaged(await getRow(transaction, id), `account ${id}`)
        if (id === DEFAULT_ACCOUNT_ID) {
          throw new AccessError('BuiltIn', 'The default account is always there.')
        }
        await assertEmpty(transaction, id)
        await transaction.deleteFrom('accounts').where('id', '=', id).execute()
      }),
  }
}

/** The default account has a row, so that users and keys can belong to it. */
export async function ensureDefaultAccount(rows: Rows, clock: Clock): Promise<void> {
  const row = toAccountRow({ id: DEFAULT_ACCOUNT_ID }, { createdAt: clock.now(), managed: 0 })
  await rows.write((transaction) =>
    transaction
      .insertInto('accounts')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute(),
  )
}

/** The row of an account whose names are good. @throws AccessError `InvalidName` */
export function toAccountRow(
  account: NewAccount & { readonly id: string },
  origin: Pick<AccountRow, 'createdAt' | 'managed'>,
): AccountRow {
  const { id, email } = account
  assertAccountId(id)
  const derived = deriveAccount(id)
  const { canonicalId = derived.canonicalId, displayName = derived.displayName } = account
  assertCanonicalId(canonicalId)
  assertDisplayName(displayName)
  if (email !== undefined) assertEmail(email)
  return { id, canonicalId, displayName, email: email ?? null, ...origin }
}

export function toAccountRecord(row: AccountRow): AccountRecord {
  const { email, managed, createdAt, ...account } = row
  return {
    ...account,
    ...(email !== null && { email }),
    managed: managed === 1,
    createdAt: new Date(createdAt),
  }
}

/** @throws AccessError `NoSuchAccount` */
export async function assertAccount(transaction: RowsTransaction, id: string): Promise<void> {
  await getRow(transaction, id)
}

/**
 * No other account has the canonical id or the address. @throws AccessError `AccountExists`
 */
export async function assertDistinct(transaction: RowsTransaction, row: AccountRow): Promise<void> {
  const { id, canonicalId, email } = row
  const twin = await transaction
    .selectFrom('accounts')
    .selectAll()
    .where('id', '!=', id)
    .where((it) =>
      it.or([
        it('canonicalId', '=', canonicalId),
        ...(email === null ? [] : [it('email', '=', email)]),
      ]),
    )
    .executeTakeFirst()
  if (twin === undefined) return
  const what = twin.canonicalId === canonicalId ? 'canonical id' : 'email address'
  throw new AccessError('AccountExists', `Account ${twin.id} has the ${what} of ${id} already.`)
}

async function assertNew(transaction: RowsTransaction, id: string): Promise<void> {
  if ((await findRow(transaction, id)) === undefined) return
  throw new AccessError('AccountExists', `There is an account ${id} already.`)
}

async function getRow(transaction: RowsTransaction, id: string): Promise<AccountRow> {
  const row = await findRow(transaction, id)
  if (row !== undefined) return row
  throw new AccessError('NoSuchAccount', `There is no account ${id}.`)
}

function findRow(transaction: RowsTransaction, id: string): Promise<AccountRow | undefined> {
  return transaction.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
}

/** An id that no account has. AWS's too are twelve digits without meaning. */
async function inventId(transaction: RowsTransaction, random: Random): Promise<string> {
  for (;;) {
    const id = String(BigInt(`0x${random.hex(8)}`) % 1_000_000_000_000n).padStart(12, '0')
    if ((await findRow(transaction, id)) === undefined) return id
  }
}

async function assertEmpty(transaction: RowsTransaction, id: string): Promise<void> {
  for (const table of ['users', 'groups', 'policies'] as const) {
    if ((await countRows(transaction, table, id)) === 0) continue
    throw new AccessError('AccountNotEmpty', `Account ${id} still has ${table}. Delete them first.`)
  }
}
