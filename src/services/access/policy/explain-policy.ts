// Why a policy did not decide: for people, nobody acts on it.
import { matchStatements } from './match-statement.ts'
import type { PolicyRequest } from './match-statement.ts'
import type { PolicyCondition, PolicyDocument } from './policy-document.ts'

/**
 * A sentence for each statement that is about the request's action, resource and caller, and would
 * have decided if its conditions held: `ReadLogs would allow it if StringLike s3:prefix …`.
 */
export function explainNearMisses(
  policy: PolicyDocument,
  request: PolicyRequest,
): readonly string[] {
  return matchStatements(policy, request).flatMap(({ statement, name, failed }) => {
    if (failed.length === 0) return []
    const verb = statement.effect === 'Allow' ? 'allow' : 'deny'
    const reasons = failed.map((condition) => explainFailure(condition, request))
    return [`statement ${name} would ${verb} it, but ${reasons.join('; ')}`]
  })
}

function explainFailure(condition: PolicyCondition, { keys }: PolicyRequest): string {
  const given = keys.get(condition.key) ?? []
  const has = given.length === 0 ? 'is absent' : `is ${quoted(given)}`
  return `${condition.key} ${has} and ${renderOperator(condition)} asks for ${quoted(condition.values)}`
}

/** The operator as a policy writes it. */
function renderOperator({ operator, quantifier, ifExists }: PolicyCondition): string {
  const prefix =
    quantifier === undefined ? '' : quantifier === 'all' ? 'ForAllValues:' : 'ForAnyValue:'
  return `${prefix}${operator}${ifExists ? 'IfExists' : ''}`
}

function quoted(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ')
}
