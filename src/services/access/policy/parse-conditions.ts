// `Condition`. @see IAM User Guide, "IAM JSON policy elements: Condition"
import { findOperator, getOperatorRule } from './condition-operators.ts'
import { findPatternProblem } from './match-pattern.ts'
import type { PolicyCondition, PolicyDocument } from './policy-document.ts'
import { PolicyError } from './policy-error.ts'
import { readFields, readList, readText } from './policy-fields.ts'
import { isS3Key } from './s3-vocabulary.ts'

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i

/** E.g. `aws:SourceIp`, `s3:ExistingObjectTag/team`, `graph.facebook.com:id`. */
const KEY = /^([\w./-]+):\S.*$/

type Place = {
  readonly where: string
  readonly version: PolicyDocument['version']
  readonly kind: 'bucket' | 'identity'
}

/**
 * Every key of every operator as a condition of its own.
 * @throws PolicyError `InvalidCondition`
 */
export function parseConditions(value: unknown, place: Place): readonly PolicyCondition[] {
  if (value === undefined) return []
  const operators = readFields(value, { where: `Condition of ${place.where}` })
  return Array.from(operators.entries).flatMap(([written, compared]) => {
    const operator = parseOperator(written, operators.where)
    const where = `${written} in ${operators.where}`
    const keys = readFields(compared, { where })
    if (keys.entries.size === 0) throw invalid(`${where} names no key`)
    return Array.from(keys.entries, ([key, values]) => {
      const condition = { ...operator, key: key.toLowerCase() }
      if (!isKey(condition.key, place)) throw invalid(`"${key}" in ${where} is no condition key`)
      const named = { ...place, where: `${key} in ${where}` }
      return { ...condition, values: parseValues(values, condition, named) }
    })
  })
}

function isKey(key: string, { kind }: Place): boolean {
  const [, service] = KEY.exec(key) ?? []
  return service !== undefined && (kind === 'identity' || service !== 's3' || isS3Key(key))
}

type Operator = Omit<PolicyCondition, 'key' | 'values'>

function parseOperator(written: string, where: string): Operator {
  const [, quantifier, name = '', suffix] = OPERATOR.exec(written) ?? []
  const operator = findOperator(name)
  if (operator === undefined) throw invalid(`${where} has the unknown operator "${written}"`)
  const isPlain = quantifier === undefined && suffix === undefined
  if (operator === 'Null' && !isPlain) throw invalid(`Null in ${where} stands by itself`)
  return {
    operator,
    ifExists: suffix !== undefined,
    ...(quantifier && { quantifier: /all/i.test(quantifier) ? 'all' : 'any' }),
  }
}

function parseValues(
  value: unknown,
  { operator }: Operator,
  { where, version }: Place,
): readonly string[] {
  const place = { where, code: 'InvalidCondition' } as const
  const findOwn = getOperatorRule(operator).findProblem
  const findInPattern = version === '2012-10-17' ? findPatternProblem : undefined
  return readList(value, place).map((one) => {
    const isScalar = typeof one === 'boolean' || typeof one === 'number'
    const text = readText(isScalar ? String(one) : one, place)
    const problem = (findOwn ?? findInPattern)?.(text)
    if (problem !== undefined) throw invalid(`the value "${text}" of ${where} ${problem}`)
    return text
  })
}

function invalid(problem: string): PolicyError {
  return new PolicyError('InvalidCondition', `Policy has an invalid condition: ${problem}.`)
}
