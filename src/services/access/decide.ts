// Who may do what, as AWS documents it for S3. @see docs/decisions/0010-who-may-do-what.md,
// S3 User Guide, "How Amazon S3 authorizes a request", IAM User Guide, "Policy evaluation logic"
import type { Bucket } from '../../storage/object-store.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Accounts } from './accounts.ts'
import type { BucketPolicy } from './bucket-access.ts'
import { principalArn } from './caller.ts'
import {
  hearAcl,
  hearBucketPolicy,
  hearIdentity,
  hearUpload,
  isInFavour,
  NO_BUCKET_POLICY,
  type Opinion,
} from './opinions.ts'
import type { PolicyRequest } from './policy/match-statement.ts'
import { PolicyError } from './policy/policy-error.ts'
import { asksForObjectTags, withKnownKeys } from './question-keys.ts'
import {
  type AccessQuestion,
  type ConditionKeys,
  type Decide,
  type Decision,
  resourceArn,
} from './question.ts'
import { findTarget, type Target } from './target.ts'

export type DecideOptions = {
  readonly storage: Storage
  readonly accounts: Pick<Accounts, 'describe'>
}

/**
 * Decides for one storage: what is denied anywhere is denied; within the account that owns the
 * resource any of identity policies, bucket policy and list suffices; everybody else needs both the
 * own account's word and the owner's.
 */
export function createDecide({ storage, accounts }: DecideOptions): Decide {
  return async (question) => {
    const { bucket } = question.resource
    if (bucket === undefined || isNewBucket(question)) return decideAlone(question, accounts)
    const target = await findTarget(storage, { bucket, question })
    if (isOwnPolicy(question, target.bucket)) {
      return allowed('the root of the bucket’s account always may, so that none locks itself out')
    }
    const bucketPolicy = await readPolicy(target)
    if (bucketPolicy instanceof PolicyError) return denied(explainProblem(bucketPolicy))
    const owner = await findOwner(question, target)
    const { caller } = question
    const request = await makeRequest(question, { target, bucketPolicy, accounts })
    const identity = hearIdentity(caller, request)
    const policy =
      bucketPolicy === undefined
        ? NO_BUCKET_POLICY
        : await hearBucketPolicy(bucketPolicy, request, { caller, target, owner })
    if (identity.effect === 'deny') return denied(identity.reason())
    if (policy.effect === 'deny') return denied(policy.reason())
    const isOwners = caller.account === owner
    return weigh({ isOwners, identity, policy, ask: () => hearRest(question, target) })
  }
}

async function readPolicy(target: Target): Promise<BucketPolicy | PolicyError | undefined> {
  try {
    return await target.findPolicy()
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
}

/** A policy that another release took, and this one does not, denies all but to put it right. */
function explainProblem({ message }: PolicyError): string {
  return `the bucket policy is none, and the root of its account must put another: ${message}`
}

function isNewBucket({ resource: { key, isNew } }: AccessQuestion): boolean {
  return key === undefined && isNew === true
}

/** Buckets that are not there yet, and lists of one's own, are the caller's account's business. */
function decideAlone(question: AccessQuestion, accounts: DecideOptions['accounts']): Decision {
  const { caller } = question
  if (caller.kind === 'anonymous') return denied('only accounts have buckets')
  const keys = withKnownKeys(question, { owner: caller.account })
  const { effect, reason } = hearIdentity(caller, toRequest(question, { keys, accounts }))
  return { allowed: effect === 'allow', reason: reason() }
}

const POLICY_ACTIONS: ReadonlySet<string> = new Set([
  's3:GetBucketPolicy',
  's3:PutBucketPolicy',
  's3:DeleteBucketPolicy',
])

/** @see S3 API Reference, PutBucketPolicy: the root of the bucket's account can always */
function isOwnPolicy({ caller, action }: AccessQuestion, { owner }: Bucket): boolean {
  return caller.kind === 'root' && caller.account === owner && POLICY_ACTIONS.has(action)
}

/**
 * What is done to an object as to a part of its bucket, whoever wrote it.
 * @see S3 API Reference, PutObjectTagging: "By default, the bucket owner has this permission"
 */
const BUCKET_SIDE_ACTIONS: ReadonlySet<string> = new Set([
  's3:AbortMultipartUpload',
  's3:BypassGovernanceRetention',
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersion',
  's3:DeleteObjectVersionTagging',
  's3:GetObjectTagging',
  's3:GetObjectVersionTagging',
  's3:ListMultipartUploadParts',
  's3:PutObject',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
])

/** What the owner of an object may do right after writing it, and so while it writes. */
const WRITER_ACTIONS: ReadonlySet<string> = new Set(['s3:PutObjectAcl', 's3:PutObjectTagging'])

/** Whose word counts: the account of the bucket, or that of an object which is not the bucket's. */
async function findOwner(
  { caller, action, resource: { key, isNew } }: AccessQuestion,
  target: Target,
): Promise<string> {
  const { owner } = target.bucket
  const isObjects = isNew ? WRITER_ACTIONS.has(action) : !BUCKET_SIDE_ACTIONS.has(action)
  if (key === undefined || !isObjects) return owner
  const ownership = await target.getOwnership()
  if (ownership === 'BucketOwnerEnforced') return owner
  if (!isNew) return (await target.findObject())?.owner ?? owner
  // Otherwise it may become the bucket's account's, with tags that nobody there allowed.
  const isWriters = ownership === 'ObjectWriter' || action === 's3:PutObjectAcl'
  return isWriters ? caller.account : owner
}

type Surroundings = {
  readonly target: Target
  readonly bucketPolicy: BucketPolicy | undefined
  readonly accounts: DecideOptions['accounts']
}

async function makeRequest(
  question: AccessQuestion,
  { target, bucketPolicy, accounts }: Surroundings,
): Promise<PolicyRequest> {
  const { caller, resource } = question
  const own = caller.policies.map(({ policy }) => policy)
  const policies = bucketPolicy === undefined ? own : [...own, bucketPolicy.policy]
  // Nobody looks at the keys, and making them is most of what such a decision would cost.
  if (policies.length === 0) return toRequest(question, { keys: NO_KEYS, accounts })
  const isAsked = resource.isNew === undefined && policies.some(asksForObjectTags)
  const tags = isAsked ? (await target.findObject())?.tags : undefined
  const { owner } = target.bucket
  const keys = withKnownKeys(question, { owner, ...(tags && { tags }) })
  return toRequest(question, { keys, accounts })
}

const NO_KEYS: ConditionKeys = new Map()

function toRequest(
  { caller, action, resource }: AccessQuestion,
  { keys, accounts }: Pick<PolicyRequest, 'keys'> & Pick<Surroundings, 'accounts'>,
): PolicyRequest {
  const { kind, account } = caller
  const principal = {
    kind,
    account,
    arn: principalArn(caller),
    // Few policies name anybody so, and it is a hash.
    get canonicalId() {
      return accounts.describe(account).canonicalId
    },
  }
  return { principal, action, resource: resourceArn(resource), keys }
}

type Weighing = {
  /** Whether caller and resource are of the same account. */
  readonly isOwners: boolean
  readonly identity: Opinion
  readonly policy: Opinion
  /** What else may speak for the owner, asked only when nothing else has decided. */
  readonly ask: () => Promise<readonly Opinion[]>
}

async function weigh({ isOwners, identity, policy, ask }: Weighing): Promise<Decision> {
  if (isOwners) {
    if (identity.effect === 'allow') return allowed(identity.reason())
    if (policy.effect === 'allow') return allowed(policy.reason())
    const rest = await ask()
    const other = rest.find(({ effect }) => effect === 'allow')
    if (other !== undefined) return allowed(other.reason())
    return denied(join([identity, policy, ...rest]))
  }
  if (!isInFavour(identity)) return denied(`its own account must allow it: ${identity.reason()}`)
  if (isInFavour(policy)) return allowed(join([identity, policy]))
  const rest = await ask()
  const other = rest.find(isInFavour)
  if (other !== undefined) return allowed(join([identity, other]))
  return denied(join([policy, ...rest]))
}

async function hearRest(
  { caller, action }: AccessQuestion,
  target: Target,
): Promise<readonly Opinion[]> {
  if (UPLOAD_ACTIONS.has(action)) return [await hearUpload({ caller, target })]
  return [await hearAcl(action, { caller, target })]
}

const UPLOAD_ACTIONS: ReadonlySet<string> = new Set([
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
])

function join(opinions: readonly Opinion[]): string {
  return opinions.map(({ reason }) => reason()).join('; ')
}

function allowed(reason: string): Decision {
  return { allowed: true, reason }
}

function denied(reason: string): Decision {
  return { allowed: false, reason }
}
