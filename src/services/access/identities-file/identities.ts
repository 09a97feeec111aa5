// What an identities file says, checked: every name is one, and all that is referred to is there.
import type { Pairs } from '../../../storage/object-version.ts'

export type Identities = { readonly accounts: readonly DeclaredAccount[] }

export type DeclaredAccount = {
  readonly id: string
  readonly displayName?: string
  readonly canonicalId?: string
  readonly email?: string
  /** Of the account's root. */
  readonly keys: readonly DeclaredKey[]
  readonly policies: readonly DeclaredPolicy[]
  readonly groups: readonly DeclaredGroup[]
  readonly users: readonly DeclaredUser[]
}

export type DeclaredKey = {
  readonly id: string
  readonly secret: string
  readonly description: string
}

export type DeclaredPolicy = { readonly name: string; readonly document: string }

export type DeclaredGroup = {
  readonly name: string
  /** Names of users of the account. */
  readonly members: readonly string[]
  readonly policies: readonly string[]
}

export type DeclaredUser = {
  readonly name: string
  readonly tags: Pairs
  readonly policies: readonly string[]
  readonly keys: readonly DeclaredKey[]
}
