// Callers by their access keys, kept in memory with their policies parsed.
import { type AttachedPolicy, type Caller, rootOf } from '../caller.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import type { PolicyDocument } from '../policy/policy-document.ts'
import { createBoundedMap } from '../../../base/bounded-map.ts'
import { assertAccount } from './account-records.ts'
import { findBuiltInPolicy } from './built-in-policies.ts'
import type { FoundKey } from './directory.ts'
import { KEPT_CALLERS_MAX, KEPT_POLICIES_MAX } from './limits.ts'
import { getUserRow } from './named-rows.ts'
import type { Identity, Named } from './records.ts'
import type { Rows, RowsTransaction } from './rows.ts'
import { parseTags } from './user-tags.ts'

export type KeptCallers = {
  /** Keys that nobody has are looked up each time, so that guesses push nobody out. */
  find(accessKey: string, rows: Rows): Promise<FoundKey | undefined>
  /** Whoever it is, as it is now. @throws AccessError `NoSuchUser`, `NoSuchAccount` */
  load(identity: Identity, rows: Rows): Promise<Caller>
  /** What is being looked up at this moment is not kept either. */
  forget(): void
}

type Parse = (document: string) => PolicyDocument

export function createKeptCallers(): KeptCallers {
  const kept = createBoundedMap<string, FoundKey>(KEPT_CALLERS_MAX)
  const parsed = createBoundedMap<string, PolicyDocument>(KEPT_POLICIES_MAX)
  let generation = 0
  const parse: Parse = (document) => {
    const policy = parsed.get(document) ?? parsePolicy(document, { kind: 'identity' })
    parsed.set(document, policy)
    return policy
  }
  return {
    async find(accessKey, rows) {
      const known = kept.get(accessKey)
      if (known !== undefined) return known
      const begun = generation
      const found = await rows.read((transaction) => loadKey(transaction, accessKey, parse))
      if (found !== undefined && begun === generation) kept.set(accessKey, found)
      return found
    },
    load: ({ account, user }, rows) =>
      rows.read(async (transaction) => {
        await assertAccount(transaction, account)
        return user === undefined
          ? rootOf(account)
          : loadUser(transaction, { account, name: user }, parse)
      }),
    forget() {
      generation += 1
      kept.clear()
    },
  }
}

async function loadKey(
  transaction: RowsTransaction,
  accessKey: string,
  parse: Parse,
): Promise<FoundKey | undefined> {
  const key = await transaction
    .selectFrom('accessKeys')
    .select(['account', 'userName', 'secret'])
    .where('id', '=', accessKey)
    .where('enabled', '=', 1)
    .executeTakeFirst()
  if (key === undefined) return undefined
  const { account, userName, secret } = key
  if (userName === null) return { secret, caller: rootOf(account) }
  const user = { account, name: userName }
  return { secret, caller: await loadUser(transaction, user, parse) }
}

/** The user as a caller, with the policies that it and its groups have. */
async function loadUser(transaction: RowsTransaction, user: Named, parse: Parse): Promise<Caller> {
  const { account, name } = user
  const { tags } = await getUserRow(transaction, user)
  const attached = [
    ...(await loadOwnPolicies(transaction, user)),
    ...(await loadGroupPolicies(transaction, user)),
  ]
  const policies = attached.map(({ source, policyName, document }): AttachedPolicy => {
    const text = findBuiltInPolicy(policyName)?.document ?? document
    // A policy is deleted only when nobody has it.
    if (text === null) throw new Error(`The policy ${policyName} of ${name} is missing.`)
    return { source, policy: parse(text) }
  })
  return { kind: 'user', account, identity: name, tags: parseTags(tags), policies }
}

type Attached = {
  readonly source: string
  readonly policyName: string
  /** Null for built-in ones. */
  readonly document: string | null
}

async function loadOwnPolicies(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<readonly Attached[]> {
  const rows = await transaction
    .selectFrom('userPolicies as attached')
    .leftJoin('policies', (join) =>
      join
        .onRef('policies.account', '=', 'attached.account')
        .onRef('policies.name', '=', 'attached.policyName'),
    )
    .select(['attached.policyName', 'policies.document'])
    .where('attached.account', '=', account)
    .where('attached.userName', '=', name)
    .orderBy('attached.policyName')
    .execute()
  return rows.map((row) => ({ ...row, source: `policy ${row.policyName} of user ${name}` }))
}

async function loadGroupPolicies(
  transaction: RowsTransaction,
  { account, name }: Named,
): Promise<readonly Attached[]> {
  const rows = await transaction
    .selectFrom('groupMembers as member')
    .innerJoin('groupPolicies as attached', (join) =>
      join
        .onRef('attached.account', '=', 'member.account')
        .onRef('attached.groupName', '=', 'member.groupName'),
    )
    .leftJoin('policies', (join) =>
      join
        .onRef('policies.account', '=', 'attached.account')
        .onRef('policies.name', '=', 'attached.policyName'),
    )
    .select(['attached.groupName', 'attached.policyName', 'policies.document'])
    .where('member.account', '=', account)
    .where('member.userName', '=', name)
    .orderBy('attached.groupName')
    .orderBy('attached.policyName')
    .execute()
  return rows.map(({ groupName, ...row }) => ({
    ...row,
    source: `policy ${row.policyName} of group ${groupName}`,
  }))
}
