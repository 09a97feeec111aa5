// The operators of conditions: how one value of a request compares with one of the policy.
// @see IAM User Guide, "IAM JSON policy elements: Condition operators"
import { containsRange, parseIpRange } from './ip-range.ts'
import { fillText, matchArn, matchPattern } from './match-pattern.ts'
import type { Variables } from './match-pattern.ts'
import type { ConditionOperator } from './policy-document.ts'

export type OperatorRule = {
  /** `…Not…`: true when nothing matches, also when there is nothing to match. */
  readonly negated: boolean
  readonly matches: Comparison
  /** What is wrong with a value in a policy, if anything. Absent: its values are patterns. */
  readonly findProblem?: FindProblem
}

type FindProblem = (wanted: string) => string | undefined

type Comparison = (given: string, wanted: string, variables: Variables) => boolean

const equals: Comparison = (given, wanted, variables) => given === fillText(wanted, variables)

const equalsIgnoringCase: Comparison = (given, wanted, variables) => {
  return given.toLowerCase() === fillText(wanted, variables)?.toLowerCase()
}

const isLike: Comparison = (given, wanted, variables) => matchPattern(wanted, given, variables)

const isLikeArn: Comparison = (given, wanted, variables) => matchArn(wanted, given, variables)

const isSameBool: Comparison = (given, wanted) => given.toLowerCase() === wanted.toLowerCase()

const isSameBytes: Comparison = (given, wanted) => {
  return Buffer.from(given).equals(Buffer.from(wanted, 'base64'))
}

const isInRange: Comparison = (given, wanted) => {
  const [address, range] = [parseIpRange(given), parseIpRange(wanted)]
  return address !== undefined && range !== undefined && containsRange(range, address)
}

function parseNumber(value: string): number {
  return /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
}

const DATE =
  /^(\d{4})(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(?<zone>Z|[+-]\d{2}:\d{2})?)?)?)?$/

/**
 * Milliseconds; dates are ISO 8601 as in W3C's note on them, in UTC unless they say otherwise, or
 * seconds since 1970. Four digits alone are a year.
 */
function parseDate(value: string): number {
  const found = DATE.exec(value)
  if (found === null) return parseNumber(value) * 1000
  const isTime = found[4] !== undefined && found.groups?.['zone'] === undefined
  return Date.parse(isTime ? `${value}Z` : value)
}

function unlessNumber(value: string): string | undefined {
  return Number.isNaN(parseNumber(value)) ? 'is no number' : undefined
}

function unlessDate(value: string): string | undefined {
  return Number.isNaN(parseDate(value)) ? 'is no date such as 2026-11-20T00:00:00Z' : undefined
}

function unlessBool(value: string): string | undefined {
  return /^(true|false)$/i.test(value) ? undefined : 'is neither "true" nor "false"'
}

function unlessBase64(value: string): string | undefined {
  return /^[\w+/-]*={0,2}$/.test(value) ? undefined : 'is not base64'
}

function unlessIpRange(value: string): string | undefined {
  return parseIpRange(value) === undefined
    ? 'is no address or range such as 203.0.113.0/24'
    : undefined
}

type Order = (given: number, wanted: number) => boolean

const same: Order = (given, wanted) => given === wanted
const less: Order = (given, wanted) => given < wanted
const lessOrSame: Order = (given, wanted) => given <= wanted
const greater: Order = (given, wanted) => given > wanted
const greaterOrSame: Order = (given, wanted) => given >= wanted

/** Every order is false with NaN, so what is no number or date compares with nothing. */
function numeric(order: Order): OperatorRule {
  const matches: Comparison = (given, wanted) => order(parseNumber(given), parseNumber(wanted))
  return { negated: false, matches, findProblem: unlessNumber }
}

function date(order: Order): OperatorRule {
  const matches: Comparison = (given, wanted) => order(parseDate(given), parseDate(wanted))
  return { negated: false, matches, findProblem: unlessDate }
}

function pattern(matches: Comparison): OperatorRule {
  return { negated: false, matches }
}

function not(rule: OperatorRule): OperatorRule {
  return { ...rule, negated: true }
}

const isWithin: OperatorRule = { negated: false, matches: isInRange, findProblem: unlessIpRange }

const OPERATORS: Readonly<Record<ConditionOperator, OperatorRule>> = {
  StringEquals: pattern(equals),
  StringNotEquals: not(pattern(equals)),
  StringEqualsIgnoreCase: pattern(equalsIgnoringCase),
  StringNotEqualsIgnoreCase: not(pattern(equalsIgnoringCase)),
  StringLike: pattern(isLike),
  StringNotLike: not(pattern(isLike)),
  NumericEquals: numeric(same),
  NumericNotEquals: not(numeric(same)),
  NumericLessThan: numeric(less),
  NumericLessThanEquals: numeric(lessOrSame),
  NumericGreaterThan: numeric(greater),
  NumericGreaterThanEquals: numeric(greaterOrSame),
  DateEquals: date(same),
  DateNotEquals: not(date(same)),
  DateLessThan: date(less),
  DateLessThanEquals: date(lessOrSame),
  DateGreaterThan: date(greater),
  DateGreaterThanEquals: date(greaterOrSame),
  Bool: { negated: false, matches: isSameBool, findProblem: unlessBool },
  BinaryEquals: { negated: false, matches: isSameBytes, findProblem: unlessBase64 },
  IpAddress: isWithin,
  NotIpAddress: not(isWithin),
  ArnEquals: pattern(isLikeArn),
  ArnLike: pattern(isLikeArn),
  ArnNotEquals: not(pattern(isLikeArn)),
  ArnNotLike: not(pattern(isLikeArn)),
  // Whether the key is missing: `conditionHolds` sees to that.
  Null: { negated: false, matches: isSameBool, findProblem: unlessBool },
}

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.keys(OPERATORS).map((name) => [name.toLowerCase(), name]),
)

/** The operator of that name, however its letters are written. */
export function findOperator(name: string): ConditionOperator | undefined {
  const found = NAMES.get(name.toLowerCase())
  return isOperator(found) ? found : undefined
}

function isOperator(name: string | undefined): name is ConditionOperator {
  return name !== undefined && Object.hasOwn(OPERATORS, name)
}

/** How the operator compares. */
export function getOperatorRule(operator: ConditionOperator): OperatorRule {
  return OPERATORS[operator]
}
