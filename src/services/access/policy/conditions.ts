// When a condition holds.
// @see IAM User Guide, "Conditions with multiple context keys or values" and "Single-valued vs.
// multivalued context keys"
import type { ConditionKeys } from '../question.ts'
import { getOperatorRule } from './condition-operators.ts'
import type { Variables } from './match-pattern.ts'
import type { PolicyCondition } from './policy-document.ts'

export type ConditionContext = {
  readonly keys: ConditionKeys
  readonly variables: Variables
}

/**
 * Whether one condition holds. A key that is missing fails it, unless the operator is negated or
 * ends in `IfExists`; `ForAllValues` holds for no values, `ForAnyValue` does not.
 */
export function conditionHolds(condition: PolicyCondition, context: ConditionContext): boolean {
  const given = context.keys.get(condition.key) ?? []
  if (condition.operator === 'Null') return isNullAsWanted(condition, given)
  const values = condition.quantifier === undefined ? given : given.filter((value) => value !== '')
  if (values.length === 0) return holdsWithoutValue(condition)
  const { negated, matches } = getOperatorRule(condition.operator)
  const holds = (value: string): boolean => {
    return negated !== condition.values.some((wanted) => matches(value, wanted, context.variables))
  }
  const needsAll = condition.quantifier === undefined ? negated : condition.quantifier === 'all'
  return needsAll ? values.every(holds) : values.some(holds)
}

function isNullAsWanted({ values }: PolicyCondition, given: readonly string[]): boolean {
  return values.some((wanted) => (wanted.toLowerCase() === 'true') === (given.length === 0))
}

function holdsWithoutValue({ operator, quantifier, ifExists }: PolicyCondition): boolean {
  if (ifExists) return true
  if (quantifier !== undefined) return quantifier === 'all'
  return getOperatorRule(operator).negated
}
