// Policies of forms: base64 of JSON, in which nothing may be left to guess.
// @see S3 API Reference, "POST Policy"
import { S3Error } from '../errors.ts'

export type PostPolicy = {
  readonly expiresAt: Date
  readonly conditions: readonly PolicyCondition[]
}

/** Fields are in lower case; sizes are included. */
export type PolicyCondition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'size'; readonly min: number; readonly max: number }

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** @throws S3Error `InvalidPolicyDocument` */
export function parsePostPolicy(text: string): PostPolicy {
  const { expiration, conditions, ...others } = parseObject(text)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`Unexpected: "${unknown}"`)
  if (expiration === undefined) throw invalid('Policy missing expiration.')
  if (conditions === undefined) throw invalid('Policy missing conditions.')
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.")
  const given: readonly unknown[] = conditions
  return { expiresAt: parseExpiration(expiration), conditions: given.map(parseCondition) }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  const encoded = text.replaceAll(/\s/g, '')
  if (!BASE64.test(encoded)) throw invalid('invalid Base64 encoding.')
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (cause) {
    throw invalid('Invalid JSON.', { cause })
  }
  throw invalid('Invalid JSON.')
}

function parseExpiration(value: unknown): Date {
  const at = typeof value === 'string' && MOMENT.test(value) ? new Date(value) : undefined
  if (at !== undefined && !Number.isNaN(at.getTime())) return at
  throw invalid(`Invalid 'expiration' value: '${String(value)}'`)
}

function parseCondition(condition: unknown): PolicyCondition {
  if (Array.isArray(condition)) return parseList(condition)
  if (typeof condition === 'object' && condition !== null) return parseSimple({ ...condition })
  throw invalid('Invalid condition test: must be a List or Object.')
}

/** `{"acl": "private"}` */
function parseSimple(condition: Readonly<Record<string, unknown>>): PolicyCondition {
  const [only = ['', ''], another] = Object.entries(condition)
  const [field, value] = only
  if (field === '' || another !== undefined) {
    throw invalid(
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    )
  }
  if (typeof value === 'string') return { kind: 'eq', field: field.toLowerCase(), value }
  throw invalid('Invalid Simple-Condition: value must be a string.')
}

/** `["starts-with", "$key", "a"]`, `["eq", "$acl", "private"]`, `["content-length-range", 0, 1]` */
function parseList([operation, ...given]: readonly unknown[]): PolicyCondition {
  if (typeof operation !== 'string') {
    throw invalid('Invalid Condition: missing operation identifier.')
  }
  const kind = operation.toLowerCase()
  const [first, second, ...others] = given
  if (kind !== 'eq' && kind !== 'starts-with' && kind !== 'content-length-range') {
    throw invalid(`Invalid Condition: unknown operation '${operation}'.`)
  }
  if (second === undefined || others.length > 0) {
    throw invalid(`Invalid ${operation}: wrong number of arguments.`)
  }
  if (kind === 'content-length-range') {
    const [min, max] = [parseSize(first), parseSize(second)]
    if (min <= max) return { kind: 'size', min, max }
    throw invalid(`Invalid ${operation}: the maximum is less than the minimum.`)
  }
  if (typeof first !== 'string' || typeof second !== 'string' || !/^\$./.test(first)) {
    throw invalid(`Invalid ${operation}: it takes "$" with the name of a field, and a string.`)
  }
  return { kind, field: first.slice(1).toLowerCase(), value: second }
}

function parseSize(value: unknown): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw invalid('Invalid content-length-range: sizes are whole numbers of 0 or more.')
}

function invalid(what: string, options?: { readonly cause: unknown }): S3Error {
  return new S3Error('InvalidPolicyDocument', { message: `Invalid Policy: ${what}`, ...options })
}
