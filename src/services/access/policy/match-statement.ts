// What a statement asks of a request: is it about this action, this resource, this caller, and do
// its conditions hold?
import type { ConditionKeys } from '../question.ts'
import { conditionHolds } from './conditions.ts'
import { matchAction, matchArn } from './match-pattern.ts'
import { matchPrincipals } from './match-principals.ts'
import type { GrantedTo, PolicyPrincipal } from './match-principals.ts'
import type {
  PatternList,
  PolicyCondition,
  PolicyDocument,
  PolicyStatement,
} from './policy-document.ts'

export type PolicyRequest = {
  readonly principal: PolicyPrincipal
  /** E.g. `s3:GetObject`. */
  readonly action: string
  /** The ARN of a bucket or object. */
  readonly resource: string
  readonly keys: ConditionKeys
}

export type StatementMatch = {
  readonly statement: PolicyStatement
  /** For people: its Sid, or `#2` for the second of a policy when it has none. */
  readonly name: string
  /** The policies of identities name nobody, and so everybody that has them. */
  readonly grantedTo: GrantedTo
  /** The conditions that do not hold. Empty: the statement applies. */
  readonly failed: readonly PolicyCondition[]
}

/** The statements about the request's action, resource and caller, in the policy's order. */
export function matchStatements(
  policy: PolicyDocument,
  request: PolicyRequest,
): readonly StatementMatch[] {
  const variables = policy.version === '2012-10-17' ? request.keys : undefined
  const context = { keys: request.keys, variables }
  return policy.statements.flatMap((statement, at) => {
    const { principals, actions, resources, conditions } = statement
    if (!isListed(actions, (pattern) => matchAction(pattern, request.action))) return []
    if (!isListed(resources, (pattern) => matchArn(pattern, request.resource, variables))) return []
    const grantedTo = principals ? matchPrincipals(principals, request.principal) : 'caller'
    if (grantedTo === undefined) return []
    const failed = conditions.filter((condition) => !conditionHolds(condition, context))
    return [{ statement, name: statement.sid ?? `#${at + 1}`, grantedTo, failed }]
  })
}

function isListed(
  { negated, patterns }: PatternList,
  matches: (pattern: string) => boolean,
): boolean {
  return negated !== patterns.some(matches)
}
