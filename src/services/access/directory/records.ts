// What the directory keeps, as its callers see it. Secrets are in none of it.
import type { Pairs } from '../../../storage/object-version.ts'
import type { Account } from '../caller.ts'

type Kept = {
  readonly createdAt: Date
  /** Whether the identities file made it, which then only the file may change. */
  readonly managed: boolean
}

export type AccountRecord = Account & Kept

export type NewAccount = {
  /** Twelve digits; made up when absent. */
  readonly id?: string | undefined
  /** The id when absent. */
  readonly displayName?: string | undefined
  /** 64 hex digits; derived from the id when absent. */
  readonly canonicalId?: string | undefined
  readonly email?: string | undefined
}

/** Something with a name in an account: a user, a group or a policy. */
export type Named = { readonly account: string; readonly name: string }

export type UserRecord = Named & Kept & { readonly tags: Pairs }

export type UserDescription = UserRecord & {
  readonly groups: readonly string[]
  readonly policies: readonly string[]
  readonly keys: readonly KeyRecord[]
}

/** Whose a key is: a user's, or the root's of an account. */
export type Identity = { readonly account: string; readonly user?: string | undefined }

export type KeyRecord = Identity &
  Kept & { readonly id: string; readonly enabled: boolean; readonly description: string }

export type NewKey = Identity & {
  /** Both are made up when absent. */
  readonly id?: string | undefined
  readonly secret?: string | undefined
  readonly description?: string | undefined
}

/** A key with its secret, which nobody is told a second time. */
export type MadeKey = KeyRecord & { readonly secret: string }

export type GroupRecord = Named & Kept

export type GroupDescription = GroupRecord & {
  readonly members: readonly string[]
  readonly policies: readonly string[]
}

export type PolicyRecord = Named & Kept & { readonly isBuiltIn: boolean }

export type PolicyDescription = PolicyRecord & {
  /** The JSON text as it was given. */
  readonly document: string
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

/** Who has a policy: a user or a group of the policy's account. */
export type Attachment = Named & {
  readonly to: { readonly kind: 'user' | 'group'; readonly name: string }
}
