// Who asks, and for whom. Accounts own buckets and objects; identities act for an account.
import type { Pairs } from '../../storage/object-version.ts'
import type { PolicyDocument } from './policy/policy-document.ts'

/** An owner of buckets and objects. */
export type Account = {
  /** Twelve digits, as in ARNs. Written into buckets, objects and changes: never changes. */
  readonly id: string
  /** 64 hex digits: what S3 shows as the ID of an owner and takes in grants. */
  readonly canonicalId: string
  readonly displayName: string
  /** What grants may name it by. */
  readonly email?: string
}

/** Whoever made a request. */
export type Caller = {
  readonly kind: CallerKind
  /** The id of the account that owns what the caller makes. */
  readonly account: string
  /** The name of a user; `root` or `anonymous` for those. */
  readonly identity: string
  readonly tags: Pairs
  /** The user's own and its groups'; the root of an account needs none. */
  readonly policies: readonly AttachedPolicy[]
}

/** `root` is the account itself: within it everything is allowed that is not denied. */
export type CallerKind = 'root' | 'user' | 'anonymous'

/** A policy that an identity has, and what to call it when it decides. */
export type AttachedPolicy = {
  /** E.g. `policy readonly of group auditors`. */
  readonly source: string
  readonly policy: PolicyDocument
}

/** The account that every store has, and whose root signs with the root keys. */
export const DEFAULT_ACCOUNT_ID = '000000000000'

export const ROOT_IDENTITY = 'root'

/** Whoever signs nothing. What it writes belongs to AWS's well-known anonymous account. */
export const ANONYMOUS: Caller = {
  kind: 'anonymous',
  account: 'anonymous',
  identity: 'anonymous',
  tags: [],
  policies: [],
}

/** @see S3 User Guide, "Access control list (ACL) overview": the anonymous user's canonical id */
export const ANONYMOUS_ACCOUNT: Account = {
  id: ANONYMOUS.account,
  canonicalId: '65a011a29cdf8ec533ec3d1ccaae921c',
  displayName: 'anonymous',
}

/** The root of an account. */
export function rootOf(account: string): Caller {
  return { kind: 'root', account, identity: ROOT_IDENTITY, tags: [], policies: [] }
}

/** The ARN that policies name a caller by; undefined for whoever signs nothing. */
export function principalArn({ kind, account, identity }: Caller): string | undefined {
  if (kind === 'anonymous') return undefined
  return `arn:aws:iam::${account}:${kind === 'root' ? 'root' : `user/${identity}`}`
}
