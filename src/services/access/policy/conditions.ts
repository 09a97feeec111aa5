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
 * ends in `IfExists`; `ForAllValues` holds for no values, `ForAnyValue` does not. To these two and
 * to `Null` an empty value is none.
 */
export function conditionHolds(condition: PolicyCondition, context: ConditionContext): boolean {
  const { operator, quantifier } = condition
  const given = context.keys.get(condition.key) ?? []
  const filled = given.filter((value) => value !== '')
  if (operator === 'Null') return isNullAsWanted(condition, filled)
  const values = quantifier === undefined ? given : filled
  if (values.length === 0) return holdsWithoutValue(condition)
  const { negated, matches } = getOperatorRule(operator)
  const holds = (value: string): boolean => {
    return negated !== condition.values.some((wanted) => matches(value, wanted, context.variables))
  }
  const needsAll = quantifier === undefined ? negated : quantifier === 'all'
  return needsAll ? values.every(holds) : values.some(holds)
}

function isNullAsWanted({ values }: PolicyCondition, filled: readonly string[]): boolean {
  return values.some((wanted) => (wanted.toLowerCase() === 'true') === (filled.length === 0))
}

function holdsWithoutValue({ operator, quantifier, ifExists }: PolicyCondition): boolean {
  if (ifExists) return true
  if (quantifier !== undefined) return quantifier === 'all'
  return getOperatorRule(operator).negated
}
