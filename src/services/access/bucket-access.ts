// The documents beside a bucket that say who may use it. @see docs/formats/bucket-access.md
import type { Bucket, NamedContent } from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'
import { type AccessControlList, cannedAcl, parseAcl } from './access-control-list.ts'
import { parsePolicy } from './policy/parse-policy.ts'
import type { PolicyDocument } from './policy/policy-document.ts'
import { isPublicPolicy } from './policy/is-public.ts'

/** The names of the documents. */
export const POLICY_DOCUMENT = 'policy'
export const ACL_DOCUMENT = 'acl'
export const OWNERSHIP_DOCUMENT = 'ownership-controls'
export const PUBLIC_ACCESS_DOCUMENT = 'public-access-block'

/** All that is kept about who may use one bucket. */
export type BucketAccess = {
  readonly bucket: Bucket
  readonly ownership: ObjectOwnership
  readonly publicAccessBlock: PublicAccessBlock
  /** Counts only where the ownership is not `BucketOwnerEnforced`. */
  readonly acl: AccessControlList
  readonly policy?: BucketPolicy
}

/**
 * Whose the objects are that others write. `BucketOwnerEnforced`: the bucket's account's, and no
 * ACL counts. `BucketOwnerPreferred`: the bucket's account's if they are given with
 * `bucket-owner-full-control`. Otherwise the writer's.
 */
export type ObjectOwnership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter'

/** What of public access is taken back, whatever policy and ACLs say. */
export type PublicAccessBlock = {
  /** Public ACLs are refused when they are put. */
  readonly blockPublicAcls: boolean
  /** What ACLs grant to everybody counts for nobody. */
  readonly ignorePublicAcls: boolean
  /** Public policies are refused when they are put. */
  readonly blockPublicPolicy: boolean
  /** A public policy allows nothing outside of the bucket's account. */
  readonly restrictPublicBuckets: boolean
}

/** A bucket's policy, read once for all the requests that it decides. */
export type BucketPolicy = {
  readonly policy: PolicyDocument
  readonly isPublic: boolean
}

/** What a bucket has that nobody gave one: nothing is blocked. */
export const NO_PUBLIC_ACCESS_BLOCK: PublicAccessBlock = {
  blockPublicAcls: false,
  ignorePublicAcls: false,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
}

const OWNERSHIPS: ReadonlySet<unknown> = new Set<ObjectOwnership>([
  'BucketOwnerEnforced',
  'BucketOwnerPreferred',
  'ObjectWriter',
])

/** Whether a text is spelled like one of the three. */
export function isObjectOwnership(text: unknown): text is ObjectOwnership {
  return OWNERSHIPS.has(text)
}

/** Everything at once. @throws StorageError `NoSuchBucket` */
export async function findBucketAccess(storage: Storage, name: string): Promise<BucketAccess> {
  const bucket = await storage.buckets.get(name)
  const [ownership, publicAccessBlock, acl, policy] = await Promise.all([
    getObjectOwnership(storage, name),
    getPublicAccessBlock(storage, name),
    getBucketAcl(storage, bucket),
    findBucketPolicy(storage, name),
  ])
  return { bucket, ownership, publicAccessBlock, acl, ...(policy && { policy }) }
}

/** Whose objects are that others write. @throws StorageError `NoSuchBucket` */
export async function getObjectOwnership(
  storage: Storage,
  bucket: string,
): Promise<ObjectOwnership> {
  const document = await storage.documents.find(bucket, OWNERSHIP_DOCUMENT)
  if (document === undefined) return 'BucketOwnerEnforced'
  return parseOwnership(document.content) ?? 'ObjectWriter'
}

/** Whether anybody chose it; else it is that of new buckets. @throws StorageError `NoSuchBucket` */
export async function isOwnershipChosen(storage: Storage, bucket: string): Promise<boolean> {
  return (await storage.documents.find(bucket, OWNERSHIP_DOCUMENT)) !== undefined
}

/** The text that storage keeps; undefined is what is left when the setting was deleted. */
export function renderOwnership(ownership: ObjectOwnership | undefined): string {
  return JSON.stringify({ ownership })
}

/** What a bucket has whose ownership nobody has set, where lists count. */
export const NO_OWNERSHIP_DOCUMENT: NamedContent = {
  name: OWNERSHIP_DOCUMENT,
  content: renderOwnership(undefined),
}

/**
 * The setting in a text that storage keeps, undefined where it was deleted.
 * @throws Error for what `renderOwnership` did not write: access is not guessed
 */
export function parseOwnership(content: string): ObjectOwnership | undefined {
  const { ownership } = parseFields(content)
  if (ownership === undefined || isObjectOwnership(ownership)) return ownership
  throw new TypeError(`not an object ownership: ${content.slice(0, 200)}`)
}

/** What of public access the bucket takes back. @throws StorageError `NoSuchBucket` */
export async function getPublicAccessBlock(
  storage: Storage,
  bucket: string,
): Promise<PublicAccessBlock> {
  const document = await storage.documents.find(bucket, PUBLIC_ACCESS_DOCUMENT)
  return document === undefined ? NO_PUBLIC_ACCESS_BLOCK : parsePublicAccessBlock(document.content)
}

/** The text that storage keeps. */
export function renderPublicAccessBlock(block: PublicAccessBlock): string {
  return JSON.stringify(block)
}

/**
 * The settings in a text that storage keeps.
 * @throws Error for what `renderPublicAccessBlock` did not write: access is not guessed
 */
export function parsePublicAccessBlock(content: string): PublicAccessBlock {
  const fields = parseFields(content)
  const flag = (name: keyof PublicAccessBlock): boolean => {
    const value = fields[name]
    if (typeof value === 'boolean') return value
    throw new TypeError(`not a public access block: ${content.slice(0, 200)}`)
  }
  return {
    blockPublicAcls: flag('blockPublicAcls'),
    ignorePublicAcls: flag('ignorePublicAcls'),
    blockPublicPolicy: flag('blockPublicPolicy'),
    restrictPublicBuckets: flag('restrictPublicBuckets'),
  }
}

/** The list of the bucket itself, be it counted or not. @throws StorageError `NoSuchBucket` */
export async function getBucketAcl(
  storage: Storage,
  { name, owner }: Pick<Bucket, 'name' | 'owner'>,
): Promise<AccessControlList> {
  const document = await storage.documents.find(name, ACL_DOCUMENT)
  if (document !== undefined) return parseAcl(document.content)
  return cannedAcl('private', { owner, bucketOwner: owner })
}

/** The policy of the bucket, if it has one. @throws StorageError `NoSuchBucket` */
export async function findBucketPolicy(
  storage: Storage,
  bucket: string,
): Promise<BucketPolicy | undefined> {
  const document = await storage.documents.find(bucket, POLICY_DOCUMENT)
  return document && readPolicy(bucket, document.content)
}

/** What a text says never changes, and requests by the thousand ask for the same few. */
const policies = new Map<string, { readonly text: string; readonly read: BucketPolicy }>()
/** Of 20 KiB each at most. */
const KEPT_POLICIES = 1000

function readPolicy(bucket: string, text: string): BucketPolicy {
  const known = policies.get(bucket)
  if (known?.text === text) return known.read
  const policy = parsePolicy(text, { kind: 'bucket', bucket })
  const read = { policy, isPublic: isPublicPolicy(policy) }
  if (policies.size >= KEPT_POLICIES) policies.clear()
  policies.set(bucket, { text, read })
  return read
}

function parseFields(content: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(content)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new TypeError(`not a document about access: ${content.slice(0, 200)}`)
}
