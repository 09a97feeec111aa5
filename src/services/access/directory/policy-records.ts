import type { Clock } from '../../../base/clock.ts'
import type { PolicyRow } from '../../../tables/schema.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import { PolicyError } from '../policy/policy-error.ts'
import { AccessError } from './access-error.ts'
import { assertAccount } from './account-records.ts'
import { attach, detach, listHolders } from './attachments.ts'
import { BUILT_IN_POLICIES, type BuiltInPolicy, findBuiltInPolicy } from './built-in-policies.ts'
import type { PolicyRecords } from './directory.ts'
import { POLICIES_PER_ACCOUNT_MAX } from './limits.ts'
import { assertName } from './names.ts'
import { assertRoom, assertUnmanaged, countRows } from './record-rules.ts'
import type { Named, PolicyDescription, PolicyRecord } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'

export function createPolicyRecords(
  rows: Rows,
  { clock }: { readonly clock: Clock },
): PolicyRecords {
  return {
    async put(policy) {
      assertName('policy', policy.name)
      assertNotBuiltIn(policy.name)
      assertDocument(policy.document)
      const row = { ...policy, managed: 0, createdAt: clock.now() } as const
      return rows.write((transaction) => put(transaction, row))
    },
    get: (policy) => rows.read((transaction) => describe(transaction, policy)),
    list: (account) =>
      rows.read(async (transaction) => {
        await assertAccount(transaction, account)
        const found = await transaction
          .selectFrom('policies')
          .selectAll()
          .where('account', '=', account)
          .orderBy('name')
          .execute()
        const builtIn = BUILT_IN_POLICIES.map((policy) => toBuiltInRecord(account, policy))
        return [...builtIn, ...found.map(toRecord)]
      }),
    async delete(policy) {
      assertNotBuiltIn(policy.name)
      await rows.write((transaction) => remove(transaction, policy))
    },
    attach: (attachment) =>
      rows.write(async (transaction) => {
        if (findBuiltInPolicy(attachment.name) === undefined) await getRow(transaction, attachment)
        await attach(transaction, attachment)
      }),
    detach: (attachment) => rows.write((transaction) => detach(transaction, attachment)),
  }
}

/** Passes for the text of an identity's policy. @throws AccessError `MalformedPolicy` */
export function assertDocument(document: string): void {
  try {
    parsePolicy(document, { kind: 'identity' })
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new AccessError('MalformedPolicy', error.message, { cause: error })
  }
}

async function put(transaction: RowsTransaction, row: PolicyRow): Promise<PolicyRecord> {
  const { account, name, document } = row
  await assertAccount(transaction, account)
  const old = await findRow(transaction, row)
  if (old === undefined) {
    const count = await countRows(transaction, 'policies', account)
    assertRoom(count, POLICIES_PER_ACCOUNT_MAX, `policies in account ${account}`)
    await transaction.insertInto('policies').values(row).execute()
    return toRecord(row)
  }
  assertUnmanaged(old, `the policy ${name}`)
  await transaction
    .updateTable('policies')
    .set({ document })
    .where('account', '=', account)
    .where('name', '=', name)
    .execute()
  return toRecord(old)
}

async function describe(transaction: RowsTransaction, policy: Named): Promise<PolicyDescription> {
  const builtIn = findBuiltInPolicy(policy.name)
  await assertAccount(transaction, policy.account)
  const holders = await listHolders(transaction, policy)
  if (builtIn !== undefined) {
    return { ...toBuiltInRecord(policy.account, builtIn), document: builtIn.document, ...holders }
  }
  const row = await getRow(transaction, policy)
  return { ...toRecord(row), document: row.document, ...holders }
}

async function remove(transaction: RowsTransaction, policy: Named): Promise<void> {
  const { account, name } = policy
  assertUnmanaged(await getRow(transaction, policy), `the policy ${name}`)
  const { users, groups } = await listHolders(transaction, policy)
  const [holder] = [...users.map((user) => `user ${user}`), ...groups.map((it) => `group ${it}`)]
  if (holder !== undefined) {
    throw new AccessError('PolicyInUse', `The ${holder} has the policy ${name}. Detach it first.`)
  }
  await transaction
    .deleteFrom('policies')
    .where('account', '=', account)
    .where('name', '=', name)
    .execute()
}

function assertNotBuiltIn(name: string): void {
  if (findBuiltInPolicy(name) === undefined) return
  throw new AccessError('BuiltIn', `${name} is a built-in policy, which stays as it is.`)
}

function toRecord({ account, name, managed, createdAt }: PolicyRow): PolicyRecord {
  const kept = { managed: managed === 1, createdAt: new Date(createdAt) }
  return { account, name, isBuiltIn: false, ...kept }
}

function toBuiltInRecord(account: string, { name }: BuiltInPolicy): PolicyRecord {
  return { account, name, isBuiltIn: true, managed: false, createdAt: new Date(0) }
}

async function getRow(transaction: RowsTransaction, policy: Named): Promise<PolicyRow> {
  const row = await findRow(transaction, policy)
  if (row !== undefined) return row
  throw new AccessError('NoSuchPolicy', `Account ${policy.account} has no policy ${policy.name}.`)
}

function findRow(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<PolicyRow | undefined> {
  return transaction
    .selectFrom('policies')
    .selectAll()
    .where('account', '=', account)
    .where('name', '=', name)
    .executeTakeFirst()
}
