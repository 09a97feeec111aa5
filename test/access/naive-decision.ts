// A second opinion on every decision, written from the documentation alone and as plainly as it can
// be: it knows nothing of how Coffer parses policies or orders its questions.
// @see S3 User Guide, "How Amazon S3 authorizes a request for an object operation"
import type { Grant } from '../../src/services/access/access-control-list.ts'
import { type Asker, BUCKET, KEY, OWNER, type World } from './access-world.ts'

/** A statement of the random worlds: few shapes, all of whose meanings are plain. */
export type PlainStatement = {
  readonly effect: 'Allow' | 'Deny'
  /** Whom a bucket policy names; nobody in the policies of users. */
  readonly principal?: PlainPrincipal
  readonly actions: readonly string[]
  readonly resource: 'bucket' | 'objects' | 'everything'
  /** Holds only for objects that are tagged `security=public`. */
  readonly ifTagged?: true
}

export type PlainPrincipal =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'account' | 'root' | 'user'; readonly account: string }

export type PlainWorld = Omit<World, 'policy'> & { readonly policy: readonly PlainStatement[] }
export type PlainAsker = Omit<Asker, 'policy'> & { readonly policy: readonly PlainStatement[] }

export type PlainQuestion = {
  readonly asker: PlainAsker
  readonly action: string
  readonly on: 'bucket' | 'object' | 'new object'
}

type Asked = PlainQuestion & { readonly world: PlainWorld }

/** Whether AWS would allow it, as far as the documentation tells. */
export function naivelyAllows(asked: Asked): boolean {
  const { asker, action, world } = asked
  const isRoot = asker.kind === 'root'

  // "the root principal in a bucket owner's account can perform the Get, Put and DeleteBucketPolicy
  // API actions, even if their bucket policy explicitly denies the root principal's access"
  if (isRoot && asker.account === OWNER && action.endsWith('BucketPolicy')) return true

  // "an explicit deny in any of the policies overrides the allow"
  const spoken = [...asker.policy, ...world.policy].filter((each) => applies(each, asked))
  if (spoken.some(({ effect }) => effect === 'Deny')) return false

  const owner = ownerOf(asked)
  // User context: a user must have its account's permission; others need nobody's.
  const hasOwnWord =
    asker.kind !== 'user' || asker.policy.some((each) => isAllow(each) && applies(each, asked))
  const grants = countedGrants(asked)
  const statements = countedStatements(asked, owner)

  if (asker.account === owner) {
    // Resource and caller are of one account: one word is enough, if it is to this very caller.
    const isNamed = statements.some(({ principal }) => isSelf(principal, asker))
    return hasOwnWord || isNamed || grants.some(({ grantee }) => grantee.kind === 'group')
  }
  // Two accounts: both must allow it.
  return hasOwnWord && (statements.length > 0 || grants.length > 0)
}

function isAllow({ effect }: PlainStatement): boolean {
  return effect === 'Allow'
}

/** Whether a statement speaks of this caller, this action, this resource. */
function applies(statement: PlainStatement, { asker, action, on, world }: Asked): boolean {
  const { principal, actions, resource, ifTagged } = statement
  const tags = on === 'object' ? (world.object?.tags ?? []) : []
  const isTagged = tags.some(([name, value]) => name === 'security' && value === 'public')
  return (
    (principal === undefined || names(principal, asker)) &&
    actions.includes(action) &&
    (resource === 'everything' || (resource === 'bucket') === (on === 'bucket')) &&
    (ifTagged !== true || isTagged)
  )
}

function names(principal: PlainPrincipal, asker: PlainAsker): boolean {
  if (principal.kind === 'everybody') return true
  // Those who sign nothing are of no account. An account's root stands for all of it.
  if (asker.kind === 'anonymous' || principal.account !== asker.account) return false
  return principal.kind !== 'user' || asker.kind === 'user'
}

/** Whether a principal is the caller, and not only the account that the caller is of. */
function isSelf(principal: PlainPrincipal | undefined, asker: PlainAsker): boolean {
  if (principal === undefined || !names(principal, asker)) return false
  return principal.kind === 'everybody' || principal.kind === 'user' || asker.kind === 'root'
}

const ON_EXISTING_OBJECTS = ['s3:GetObject', 's3:GetObjectAcl', 's3:PutObjectAcl']

/** Whoever writes an object owns it, and may say so while writing. */
function isSaidByWriter(action: string, { ownership }: PlainWorld): boolean {
  if (action === 's3:PutObjectTagging') return ownership === 'ObjectWriter'
  return action === 's3:PutObjectAcl'
}

/** "The bucket owner … or the object owner", whose word it is that counts. */
function ownerOf({ asker, action, on, world }: Asked): string {
  if (!hasLists(world)) return OWNER
  if (on === 'new object' && isSaidByWriter(action, world)) return asker.account
  const isObjects = on === 'object' && ON_EXISTING_OBJECTS.includes(action)
  return isObjects ? (world.object?.owner ?? OWNER) : OWNER
}

function hasLists({ ownership }: PlainWorld): boolean {
  return ownership === 'ObjectWriter' || ownership === 'BucketOwnerPreferred'
}

/** What the bucket policy allows, where it may: not what is another account's. */
function countedStatements(asked: Asked, owner: string): readonly PlainStatement[] {
  const { asker, world } = asked
  const isPublic = world.policy.some(
    (each) => isAllow(each) && each.principal?.kind === 'everybody',
  )
  const isRestricted = isPublic && world.block?.restrictPublicBuckets === true
  if (owner !== OWNER || (isRestricted && asker.account !== OWNER)) return []
  return world.policy.filter((each) => isAllow(each) && applies(each, asked))
}

const PERMISSIONS: Readonly<Record<string, readonly [on: 'bucket' | 'object', name: string]>> = {
  's3:ListBucket': ['bucket', 'READ'],
  's3:PutObject': ['bucket', 'WRITE'],
  's3:DeleteObject': ['bucket', 'WRITE'],
  's3:GetBucketAcl': ['bucket', 'READ_ACP'],
  's3:PutBucketAcl': ['bucket', 'WRITE_ACP'],
  's3:GetObject': ['object', 'READ'],
  's3:GetObjectAcl': ['object', 'READ_ACP'],
  's3:PutObjectAcl': ['object', 'WRITE_ACP'],
}

/** What lists grant to the caller, where they count. */
function countedGrants({ asker, action, world }: Asked): readonly Grant[] {
  const [on, wanted] = PERMISSIONS[action] ?? []
  if (!hasLists(world) || on === undefined) return []
  return listOf(on, world).filter(({ grantee, permission }) => {
    if (permission !== 'FULL_CONTROL' && permission !== wanted) return false
    if (grantee.kind === 'account') return grantee.account === asker.account
    if (world.block?.ignorePublicAcls === true || grantee.group === 'log-delivery') return false
    return grantee.group === 'all-users' || asker.kind !== 'anonymous'
  })
}

/** "creates a default ACL that grants the resource owner full control over the resource" */
function listOf(on: 'bucket' | 'object', { acl, object }: PlainWorld): readonly Grant[] {
  if (on === 'object' && object === undefined) return []
  const given = on === 'bucket' ? acl : object?.acl
  const owner = on === 'bucket' ? OWNER : (object?.owner ?? OWNER)
  return given ?? [{ grantee: { kind: 'account', account: owner }, permission: 'FULL_CONTROL' }]
}

/** What a question asks of Coffer. */
export function resourceOf({ on }: PlainQuestion): {
  readonly bucket: string
  readonly key?: string
  readonly isNew?: true
} {
  if (on === 'bucket') return { bucket: BUCKET }
  return { bucket: BUCKET, key: KEY, ...(on === 'new object' && { isNew: true }) }
}
