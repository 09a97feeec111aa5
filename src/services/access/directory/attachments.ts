// Which users and groups have which policies.
import { AccessError } from './access-error.ts'
import { POLICIES_PER_IDENTITY_MAX } from './limits.ts'
import { getGroupRow, getUserRow } from './named-rows.ts'
import { assertRoom, assertUnmanaged } from './record-rules.ts'
import type { Attachment, Named } from './records.ts'
import type { RowsTransaction } from './rows.ts'

/** The policy, which is there, is attached. */
export async function attach(transaction: RowsTransaction, attachment: Attachment): Promise<void> {
  await assertHolder(transaction, attachment)
  const { account, name: policyName, to } = attachment
  const attached = await listAttached(transaction, attachment)
  if (attached.includes(policyName)) return
  assertRoom(attached.length, POLICIES_PER_IDENTITY_MAX, `policies of ${to.kind} ${to.name}`)
  if (to.kind === 'user') {
    const row = { account, userName: to.name, policyName }
    await transaction.insertInto('userPolicies').values(row).execute()
  } else {
    const row = { account, groupName: to.name, policyName }
    await transaction.insertInto('groupPolicies').values(row).execute()
  }
}

/** @throws AccessError `NoSuchPolicy` when it is not attached */
export async function detach(transaction: RowsTransaction, attachment: Attachment): Promise<void> {
  await assertHolder(transaction, attachment)
  const { account, name, to } = attachment
  const removal =
    to.kind === 'user'
      ? transaction.deleteFrom('userPolicies').where('userName', '=', to.name)
      : transaction.deleteFrom('groupPolicies').where('groupName', '=', to.name)
  const { numDeletedRows } = await removal
    .where('account', '=', account)
    .where('policyName', '=', name)
    .executeTakeFirst()
  if (numDeletedRows > 0n) return
  throw new AccessError('NoSuchPolicy', `The ${to.kind} ${to.name} has no policy ${name}.`)
}

/** Who has a policy. */
export async function listHolders(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<{ readonly users: readonly string[]; readonly groups: readonly string[] }> {
  const users = await transaction
    .selectFrom('userPolicies')
    .select('userName')
    .where('account', '=', account)
    .where('policyName', '=', name)
    .orderBy('userName')
    .execute()
  const groups = await transaction
    .selectFrom('groupPolicies')
    .select('groupName')
    .where('account', '=', account)
    .where('policyName', '=', name)
    .orderBy('groupName')
    .execute()
  return {
    users: users.map(({ userName }) => userName),
    groups: groups.map(({ groupName }) => groupName),
  }
}

async function assertHolder(transaction: RowsTransaction, attachment: Attachment): Promise<void> {
  const { account, to } = attachment
  const getRow = to.kind === 'user' ? getUserRow : getGroupRow
  const row = await getRow(transaction, { account, name: to.name })
  assertUnmanaged(row, `the ${to.kind} ${to.name}`)
}

async function listAttached(
  transaction: RowsTransaction,
  { account, to }: Attachment,
): Promise<readonly string[]> {
  const rows =
    to.kind === 'user'
      ? await transaction
          .selectFrom('userPolicies')
          .select('policyName')
          .where('account', '=', account)
          .where('userName', '=', to.name)
          .execute()
      : await transaction
          .selectFrom('groupPolicies')
          .select('policyName')
          .where('account', '=', account)
          .where('groupName', '=', to.name)
          .execute()
  return rows.map(({ policyName }) => policyName)
}
