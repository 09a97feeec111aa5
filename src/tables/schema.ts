// Every table with its columns, as docs/formats/tables.md describes them. Columns are snake_case in
// the file. Truths are 0 and 1, moments are milliseconds since 1970.

export type Schema = {
  readonly revisions: RevisionRow
  readonly accounts: AccountRow
  readonly users: UserRow
  readonly accessKeys: AccessKeyRow
  readonly groups: GroupRow
  readonly groupMembers: GroupMemberRow
  readonly policies: PolicyRow
  readonly userPolicies: UserPolicyRow
  readonly groupPolicies: GroupPolicyRow
}

/** Counts the commits that changed a part of the tables; who keeps copies watches it. */
export type RevisionRow = { readonly name: 'access'; readonly value: number }

/** Whether the identities file made the row, which then only the file may change. */
type Managed = { readonly managed: 0 | 1 }

export type AccountRow = Managed & {
  readonly id: string
  readonly canonicalId: string
  readonly displayName: string
  readonly email: string | null
  readonly createdAt: number
}

export type UserRow = Managed & {
  readonly account: string
  readonly name: string
  /** A JSON array of `[name, value]`. */
  readonly tags: string
  readonly createdAt: number
}

export type AccessKeyRow = Managed & {
  readonly id: string
  readonly account: string
  /** Null for keys of the account's root. */
  readonly userName: string | null
  readonly secret: string
  readonly enabled: 0 | 1
  readonly description: string
  readonly createdAt: number
}

export type GroupRow = Managed & {
  readonly account: string
  readonly name: string
  readonly createdAt: number
}

export type GroupMemberRow = {
  readonly account: string
  readonly groupName: string
  readonly userName: string
}

export type PolicyRow = Managed & {
  readonly account: string
  readonly name: string
  /** The JSON text as it was given. */
  readonly document: string
  readonly createdAt: number
}

/** The policy may be a built-in one, which has no row. */
export type UserPolicyRow = {
  readonly account: string
  readonly userName: string
  readonly policyName: string
}

export type GroupPolicyRow = {
  readonly account: string
  readonly groupName: string
  readonly policyName: string
}
