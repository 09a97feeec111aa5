import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import type { AccessKeyRow } from '../../../tables/schema.ts'
import { AccessError } from './access-error.ts'
import { assertAccount } from './account-records.ts'
import type { KeyRecords, RootKeys } from './directory.ts'
import { KEYS_PER_IDENTITY_MAX } from './limits.ts'
import { assertAccessKey, assertDescription, assertSecret } from './names.ts'
import { assertRoom, assertUnmanaged } from './record-rules.ts'
import type { Identity, KeyRecord, NewKey } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'
import { getUserRow } from './named-rows.ts'

type Surroundings = {
  readonly clock: Clock
  readonly random: Random
  readonly rootKeys: RootKeys
}

export function createKeyRecords(rows: Rows, options: Surroundings): KeyRecords {
  return {
    async create(key) {
      const row = toRow(key, options)
      return rows.write(async (transaction) => {
        await assertIdentity(transaction, key)
        await assertNew(transaction, row, options.rootKeys)
        const { length } = await selectKeys(transaction, row.account)
          .where('userName', row.userName === null ? 'is' : '=', row.userName)
          .execute()
        assertRoom(length, KEYS_PER_IDENTITY_MAX, `keys of ${key.user ?? 'the root'}`)
        await transaction.insertInto('accessKeys').values(row).execute()
        return { ...toRecord(row), secret: row.secret }
      })
    },
    list: (identity) =>
      rows.read(async (transaction) => {
        await assertIdentity(transaction, identity)
        return listKeys(transaction, identity)
      }),
    setEnabled: (id, { enabled }) =>
      rows.write(async (transaction) => {
        assertUnmanaged(await getRow(transaction, id), `the key ${id}`)
        await transaction
          .updateTable('accessKeys')
          .set({ enabled: enabled ? 1 : 0 })
          .where('id', '=', id)
          .execute()
      }),
    delete: (id) =>
      rows.write(async (transaction) => {
        assertUnmanaged(await getRow(transaction, id), `the key ${id}`)
        await transaction.deleteFrom('accessKeys').where('id', '=', id).execute()
      }),
  }
}

/** The keys of a user, or of a whole account, oldest first. */
export async function listKeys(
  transaction: RowsTransaction,
  { account, user }: Identity,
): Promise<readonly KeyRecord[]> {
  const keys = selectKeys(transaction, account)
  const found = await (user === undefined ? keys : keys.where('userName', '=', user)).execute()
  return found.map(toRecord)
}

function selectKeys(transaction: RowsTransaction, account: string) {
  return transaction
    .selectFrom('accessKeys')
    .selectAll()
    .where('account', '=', account)
    .orderBy('createdAt')
    .orderBy('id')
}

/** Key ids have twenty characters, as long as AWS's: some clients check that. */
function toRow(key: NewKey, { clock, random }: Surroundings): AccessKeyRow {
  const { account, user = null, description = '' } = key
  const { id = `COFFER${random.hex(7).toUpperCase()}`, secret = random.hex(20) } = key
  assertAccessKey(id)
  assertSecret(secret)
  assertDescription(description)
  const createdAt = clock.now()
  return { id, account, userName: user, secret, enabled: 1, description, managed: 0, createdAt }
}

function toRecord(row: AccessKeyRow): KeyRecord {
  const { id, account, userName, enabled, description, managed, createdAt } = row
  return {
    id,
    account,
    ...(userName !== null && { user: userName }),
    enabled: enabled === 1,
    description,
    managed: managed === 1,
    createdAt: new Date(createdAt),
  }
}

async function assertIdentity(
  transaction: RowsTransaction,
  { account, user }: Identity,
): Promise<void> {
  await assertAccount(transaction, account)
  if (user !== undefined) await getUserRow(transaction, { account, name: user })
}

async function assertNew(
  transaction: RowsTransaction,
  { id }: AccessKeyRow,
  rootKeys: RootKeys,
): Promise<void> {
  if (id !== rootKeys.accessKey && (await findRow(transaction, id)) === undefined) return
  throw new AccessError('AccessKeyExists', `The access key ${id} is taken. Choose another one.`)
}

async function getRow(transaction: RowsTransaction, id: string): Promise<AccessKeyRow> {
  const row = await findRow(transaction, id)
  if (row !== undefined) return row
  throw new AccessError('NoSuchAccessKey', `There is no access key ${id}.`)
}

function findRow(transaction: RowsTransaction, id: string): Promise<AccessKeyRow | undefined> {
  return transaction.selectFrom('accessKeys').selectAll().where('id', '=', id).executeTakeFirst()
}
