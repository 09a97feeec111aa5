// What each side says to a question: the caller's own policies, the policy of the bucket, the
// access control list. How they decide together is in decide.ts.
import {
  type AccessControlList,
  findNeededPermission,
  type Grant,
  includesPermission,
  isGrantedTo,
  isPublicGrant,
} from './access-control-list.ts'
import type { BucketPolicy } from './bucket-access.ts'
import type { Caller } from './caller.ts'
import { evaluatePolicy } from './policy/evaluate-policy.ts'
import { explainNearMisses } from './policy/explain-policy.ts'
import type { PolicyRequest } from './policy/match-statement.ts'
import type { PolicyDocument } from './policy/policy-document.ts'
import { aclOf, type Target } from './target.ts'

export type Opinion = {
  /** `delegate`: to the caller's account, which says by its own policies which of its users may. */
  readonly effect: 'deny' | 'allow' | 'delegate' | 'none'
  /** A clause for people; that of `none` says what came close. */
  readonly reason: () => string
}

/** Whether an opinion is in favour of the account, if not of each of its users. */
export function isInFavour({ effect }: Opinion): boolean {
  return effect === 'allow' || effect === 'delegate'
}

/** What the caller's own side says. Whoever is no user speaks for an account as a whole. */
export function hearIdentity(caller: Caller, request: PolicyRequest): Opinion {
  const opinions = caller.policies.map(({ source, policy }) => hearPolicy(policy, source, request))
  const denial = opinions.find(({ effect }) => effect === 'deny')
  if (denial !== undefined) return denial
  if (caller.kind === 'root') return allow('it is the root of its account')
  if (caller.kind === 'anonymous') return allow('whoever signs nothing has no account to ask')
  return opinions.find(({ effect }) => effect === 'allow') ?? noneOf(caller, opinions)
}

function noneOf({ identity }: Caller, opinions: readonly Opinion[]): Opinion {
  if (opinions.length === 0) return none(`user ${identity} has no policy`)
  return { effect: 'none', reason: () => opinions.map(({ reason }) => reason()).join('; ') }
}

function hearPolicy(policy: PolicyDocument, source: string, request: PolicyRequest): Opinion {
  const verdict = evaluatePolicy(policy, request)
  switch (verdict.effect) {
    case 'deny':
      return {
        effect: 'deny',
        reason: () => `${source} denies it in statement ${verdict.statement}`,
      }
    case 'allow': {
      const isCallers = verdict.grantedTo === 'caller'
      const whom = isCallers ? '' : ` to account ${request.principal.account}`
      return {
        effect: isCallers ? 'allow' : 'delegate',
        reason: () => `${source} allows it${whom} in statement ${verdict.statement}`,
      }
    }
    case 'none': {
      const reason = () =>
        [`${source} does not allow it`, ...explainNearMisses(policy, request)].join(': ')
      return { effect: 'none', reason }
    }
  }
}

type Hearing = {
  readonly caller: Caller
  readonly target: Target
  /** The account that the resource belongs to. */
  readonly owner: string
}

export const NO_BUCKET_POLICY: Opinion = none('the bucket has no policy')

/** What the bucket's policy says. It may deny anything, but allow only what is its account's. */
export async function hearBucketPolicy(
  found: BucketPolicy,
  request: PolicyRequest,
  { caller, target, owner }: Hearing,
): Promise<Opinion> {
  const opinion = hearPolicy(found.policy, 'the bucket policy', request)
  if (!isInFavour(opinion)) return opinion
  if (owner !== target.bucket.owner) {
    return none(`the bucket policy cannot allow it, since the object belongs to ${owner}`)
  }
  if (!found.isPublic || caller.account === owner) return opinion
  const { restrictPublicBuckets } = await target.getPublicAccessBlock()
  if (!restrictPublicBuckets) return opinion
  return none(
    'the bucket policy allows it, but is public, and the public access block (RestrictPublicBuckets) keeps it within the account',
  )
}

/** What the access control list of the bucket or object says, where lists count at all. */
export async function hearAcl(
  action: string,
  { caller, target }: Pick<Hearing, 'caller' | 'target'>,
): Promise<Opinion> {
  const needed = findNeededPermission(action)
  if (needed === undefined) return none('no access control list can allow it')
  if ((await target.getOwnership()) === 'BucketOwnerEnforced') {
    return none('access control lists are disabled')
  }
  const acl = await findAcl(needed.on, target)
  const grants = (acl?.grants ?? []).filter((grant) => {
    return includesPermission(grant.permission, needed.permission) && isGrantedTo(grant, caller)
  })
  const own = grants.find((grant) => !isPublicGrant(grant))
  const open = grants.find(isPublicGrant)
  if (open === undefined) {
    const missing = `the access control list of the ${needed.on} does not grant ${needed.permission}`
    return own === undefined ? none(missing) : granted(own, needed.on)
  }
  const { ignorePublicAcls } = await target.getPublicAccessBlock()
  if (!ignorePublicAcls) return granted(open, needed.on)
  if (own !== undefined) return granted(own, needed.on)
  return none(
    'the public access block (IgnorePublicAcls) ignores what its list grants to everybody',
  )
}

/** Whoever began an upload may look at it and give it up. @see S3 User Guide, "Multipart upload" */
export async function hearUpload({
  caller,
  target,
}: Pick<Hearing, 'caller' | 'target'>): Promise<Opinion> {
  const upload = await target.findUpload()
  if (upload === undefined) return none('there is no such upload')
  const { account, identity } = upload.initiator
  if (account !== caller.account) return none(`account ${account} began the upload`)
  const reason = () => `${identity} of its account began the upload`
  return { effect: identity === caller.identity ? 'allow' : 'delegate', reason }
}

async function findAcl(
  on: 'bucket' | 'object',
  target: Target,
): Promise<AccessControlList | undefined> {
  if (on === 'bucket') return target.getBucketAcl()
  const object = await target.findObject()
  return object && aclOf(object, target.bucket)
}

/** A grant to a group is one to each of its members, a grant to an account is to the account. */
function granted({ grantee, permission }: Grant, on: 'bucket' | 'object'): Opinion {
  const whom = grantee.kind === 'group' ? grantee.group : `account ${grantee.account}`
  const reason = () => `the access control list of the ${on} grants ${permission} to ${whom}`
  return { effect: grantee.kind === 'group' ? 'allow' : 'delegate', reason }
}

function allow(reason: string): Opinion {
  return { effect: 'allow', reason: () => reason }
}

function none(reason: string): Opinion {
  return { effect: 'none', reason: () => reason }
}
