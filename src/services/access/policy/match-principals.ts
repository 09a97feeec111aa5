// Whom the policy of a bucket speaks of.
import type { CallerKind } from '../caller.ts'
import type { Principal, PrincipalList } from './policy-document.ts'

/** Whoever makes a request, as the policies of buckets name them. */
export type PolicyPrincipal = {
  readonly kind: CallerKind
  readonly account: string
  readonly canonicalId: string
  /** Undefined for whoever signs nothing. */
  readonly arn?: string | undefined
}

/**
 * Whom a policy names: the caller, or its account, which says by its own policies which of its
 * users may use what it was granted.
 */
export type GrantedTo = 'caller' | 'account'

/**
 * How the list names the caller, undefined when it does not. A list of exceptions (`NotPrincipal`)
 * spares a user only if both the user and its account are in it.
 * @see IAM User Guide, "AWS JSON policy elements: NotPrincipal"
 */
export function matchPrincipals(
  { negated, principals }: PrincipalList,
  caller: PolicyPrincipal,
): GrantedTo | undefined {
  const named = new Set(principals.flatMap((principal) => matchPrincipal(principal, caller)))
  if (negated) return named.has('caller') && named.has('account') ? undefined : 'caller'
  if (named.has('caller')) return 'caller'
  return named.has('account') ? 'account' : undefined
}

/** Only a user is somebody apart from its account. */
function matchPrincipal(principal: Principal, caller: PolicyPrincipal): readonly GrantedTo[] {
  const asAccount: readonly GrantedTo[] = caller.kind === 'user' ? ['account'] : BOTH
  switch (principal.kind) {
    case 'anyone':
      return BOTH
    case 'account':
      if (caller.kind === 'anonymous') return []
      return principal.account === caller.account ? asAccount : []
    case 'canonical-user':
      return principal.canonicalId === caller.canonicalId ? asAccount : []
    case 'arn':
      return principal.arn === caller.arn ? ['caller'] : []
    case 'service':
    case 'federated':
      return []
  }
}

const BOTH: readonly GrantedTo[] = ['caller', 'account']
