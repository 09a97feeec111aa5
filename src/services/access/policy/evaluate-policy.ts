// What one policy says to one request. How several decide together is not said here.
import type { GrantedTo } from './match-principals.ts'
import { matchStatements } from './match-statement.ts'
import type { PolicyRequest } from './match-statement.ts'
import type { PolicyDocument } from './policy-document.ts'

/** `statement` names the one that decided: its Sid, or `#2` for a second that has none. */
export type PolicyVerdict =
  | { readonly effect: 'deny'; readonly statement: string }
  | { readonly effect: 'allow'; readonly statement: string; readonly grantedTo: GrantedTo }
  | { readonly effect: 'none' }

/**
 * The verdict of one policy: a statement that denies outweighs all that allow; of those that allow,
 * one that names the caller itself outweighs those that name its account.
 */
export function evaluatePolicy(policy: PolicyDocument, request: PolicyRequest): PolicyVerdict {
  const matches = matchStatements(policy, request).filter(({ failed }) => failed.length === 0)
  const denial = matches.find(({ statement }) => statement.effect === 'Deny')
  if (denial !== undefined) return { effect: 'deny', statement: denial.name }
  const grant = matches.find(({ grantedTo }) => grantedTo === 'caller') ?? matches[0]
  if (grant === undefined) return { effect: 'none' }
  return { effect: 'allow', statement: grant.name, grantedTo: grant.grantedTo }
}
