// Access control lists: who may do which few things to one bucket or object. They count only in
// buckets whose ownership is not BucketOwnerEnforced, and they never name users, only accounts.
import type { Caller } from './caller.ts'

/** Who may do what, beside the owner, who is that of the bucket or object. */
export type AccessControlList = { readonly grants: readonly Grant[] }

export type Grant = { readonly grantee: Grantee; readonly permission: Permission }

export type Grantee =
  /** By the id of the account. */
  | { readonly kind: 'account'; readonly account: string }
  | { readonly kind: 'group'; readonly group: GranteeGroup }

/** `all-users` holds those who sign nothing too; nobody here is of `log-delivery`. */
export type GranteeGroup = 'all-users' | 'authenticated-users' | 'log-delivery'

/** On a bucket `READ` is to list it and `WRITE` to write into it; on objects `WRITE` is nothing. */
export type Permission = 'FULL_CONTROL' | 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP'

export type CannedAclName =
  | 'private'
  | 'public-read'
  | 'public-read-write'
  | 'authenticated-read'
  | 'aws-exec-read'
  | 'bucket-owner-read'
  | 'bucket-owner-full-control'
  | 'log-delivery-write'

/** @see S3 User Guide, "Access control list (ACL) overview": an ACL can have up to 100 grants */
export const MAX_GRANTS = 100

type Owners = {
  /** The account that owns the bucket or object that the list is for. */
  readonly owner: string
  readonly bucketOwner: string
}

const PERMISSIONS: ReadonlySet<string> = new Set<Permission>([
  'FULL_CONTROL',
  'READ',
  'WRITE',
  'READ_ACP',
  'WRITE_ACP',
])

const GROUPS: ReadonlySet<string> = new Set<GranteeGroup>([
  'all-users',
  'authenticated-users',
  'log-delivery',
])

/** What canned names grant to groups. `aws-exec-read` is for a service that nobody has here. */
const GROUP_GRANTS: Readonly<Record<CannedAclName, readonly Grant[]>> = {
  private: [],
  'public-read': [groupGrant('all-users', 'READ')],
  'public-read-write': [groupGrant('all-users', 'READ'), groupGrant('all-users', 'WRITE')],
  'authenticated-read': [groupGrant('authenticated-users', 'READ')],
  'aws-exec-read': [],
  'bucket-owner-read': [],
  'bucket-owner-full-control': [],
  'log-delivery-write': [
    groupGrant('log-delivery', 'WRITE'),
    groupGrant('log-delivery', 'READ_ACP'),
  ],
}

/** What canned names grant to the owner of the bucket, when the object is another's. */
const BUCKET_OWNER_PERMISSIONS: Readonly<Partial<Record<CannedAclName, Permission>>> = {
  'bucket-owner-read': 'READ',
  'bucket-owner-full-control': 'FULL_CONTROL',
}

/** Whether S3 has a canned ACL of that name. */
export function isCannedAclName(name: string): name is CannedAclName {
  return Object.hasOwn(GROUP_GRANTS, name)
}

/** Whether a permission is spelled like one that S3 has. */
export function isPermission(text: string): text is Permission {
  return PERMISSIONS.has(text)
}

/**
 * The list that a canned name stands for; `private` is what everything has that was given none.
 * @see S3 User Guide, "Canned ACL"
 */
export function cannedAcl(name: CannedAclName, { owner, bucketOwner }: Owners): AccessControlList {
  const permission = owner === bucketOwner ? undefined : BUCKET_OWNER_PERMISSIONS[name]
  return {
    grants: [
      accountGrant(owner, 'FULL_CONTROL'),
      ...GROUP_GRANTS[name],
      ...(permission === undefined ? [] : [accountGrant(bucketOwner, permission)]),
    ],
  }
}

/** Whether the list grants anything to those who need no account, or any account. */
export function isPublicAcl({ grants }: AccessControlList): boolean {
  return grants.some(isPublicGrant)
}

/** @see S3 User Guide, "The meaning of public": AllUsers and AuthenticatedUsers, any permission */
export function isPublicGrant({ grantee }: Grant): boolean {
  return grantee.kind === 'group' && grantee.group !== 'log-delivery'
}

/** Whether a grant is to the caller's account, or to a group that the caller is of. */
export function isGrantedTo({ grantee }: Grant, { account, kind }: Caller): boolean {
  if (grantee.kind === 'account') return grantee.account === account
  if (grantee.group === 'all-users') return true
  return grantee.group === 'authenticated-users' && kind !== 'anonymous'
}

/** Whether one permission holds another. */
export function includesPermission(granted: Permission, needed: Permission): boolean {
  return granted === 'FULL_CONTROL' || granted === needed
}

/** The list whose permission an action needs: that of the bucket, or of the object. */
export type NeededPermission = { readonly on: 'bucket' | 'object'; readonly permission: Permission }

/**
 * What an action needs of ACLs; undefined for the many that no list can grant. To write into a
 * bucket is to delete there too, but not versions for good.
 * @see S3 User Guide, "Mapping of ACL permissions and access policy permissions"
 */
export function findNeededPermission(action: string): NeededPermission | undefined {
  return NEEDED_PERMISSIONS.get(action)
}

const NEEDED_PERMISSIONS: ReadonlyMap<string, NeededPermission> = new Map([
  ['s3:ListBucket', { on: 'bucket', permission: 'READ' }],
  ['s3:ListBucketVersions', { on: 'bucket', permission: 'READ' }],
  ['s3:ListBucketMultipartUploads', { on: 'bucket', permission: 'READ' }],
  ['s3:PutObject', { on: 'bucket', permission: 'WRITE' }],
  ['s3:DeleteObject', { on: 'bucket', permission: 'WRITE' }],
  ['s3:GetBucketAcl', { on: 'bucket', permission: 'READ_ACP' }],
  ['s3:PutBucketAcl', { on: 'bucket', permission: 'WRITE_ACP' }],
  ['s3:GetObject', { on: 'object', permission: 'READ' }],
  ['s3:GetObjectVersion', { on: 'object', permission: 'READ' }],
  ['s3:GetObjectAcl', { on: 'object', permission: 'READ_ACP' }],
  ['s3:GetObjectVersionAcl', { on: 'object', permission: 'READ_ACP' }],
  ['s3:PutObjectAcl', { on: 'object', permission: 'WRITE_ACP' }],
  ['s3:PutObjectVersionAcl', { on: 'object', permission: 'WRITE_ACP' }],
])

/** The text that storage keeps. @see docs/formats/bucket-access.md */
export function renderAcl({ grants }: AccessControlList): string {
  return JSON.stringify({
    grants: grants.map(({ grantee, permission }) =>
      grantee.kind === 'account'
        ? { account: grantee.account, permission }
        : { group: grantee.group, permission },
    ),
  })
}

/**
 * The list in a text that storage keeps.
 * @throws Error for what `renderAcl` did not write: access is not guessed
 */
export function parseAcl(text: string): AccessControlList {
  const { grants } = toFields(JSON.parse(text))
  if (!Array.isArray(grants)) throw notAnAcl(text)
  return { grants: grants.map((grant) => parseGrant(toFields(grant), text)) }
}

type Fields = Readonly<Record<string, unknown>>

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parseGrant({ account, group, permission }: Fields, text: string): Grant {
  if (typeof permission !== 'string' || !isPermission(permission)) throw notAnAcl(text)
  if (typeof account === 'string') return accountGrant(account, permission)
  if (typeof group === 'string' && isGroup(group)) return groupGrant(group, permission)
  throw notAnAcl(text)
}

function isGroup(text: string): text is GranteeGroup {
  return GROUPS.has(text)
}

function notAnAcl(text: string): TypeError {
  return new TypeError(`not an access control list: ${text.slice(0, 200)}`)
}

function accountGrant(account: string, permission: Permission): Grant {
  return { grantee: { kind: 'account', account }, permission }
}

function groupGrant(group: GranteeGroup, permission: Permission): Grant {
  return { grantee: { kind: 'group', group }, permission }
}
