// Reading the elements of a policy, each with words for what is wrong with it.
import { PolicyError } from './policy-error.ts'
import type { PolicyErrorCode } from './policy-error.ts'
import { POLICY_LIMITS } from './policy-limits.ts'

/** An object of the policy, and what people call the place where it stands. */
export type Fields = {
  readonly where: string
  readonly entries: ReadonlyMap<string, unknown>
}

/**
 * The elements of an object, of which only those given may be there.
 * @throws PolicyError `InvalidElement`
 */
export function readFields(
  value: unknown,
  { where, known }: { readonly where: string; readonly known?: readonly string[] },
): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PolicyError('InvalidElement', `${where} must be an object in braces.`)
  }
  const entries: ReadonlyMap<string, unknown> = new Map(Object.entries(value))
  const unknown = known && [...entries.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new PolicyError('InvalidElement', `${where} has an unknown field "${unknown}".`)
  }
  return { where, entries }
}

/**
 * The text of an element, undefined when it is not there.
 * @throws PolicyError `InvalidElement`
 */
export function findText({ where, entries }: Fields, name: string): string | undefined {
  const value = entries.get(name)
  if (value === undefined) return undefined
  return readText(value, { where: `${name} of ${where}`, code: 'InvalidElement' })
}

type Place = { readonly where: string; readonly code: PolicyErrorCode }

/** @throws PolicyError for anything else, and for a text that is too long */
export function readText(value: unknown, { where, code }: Place): string {
  if (typeof value !== 'string') throw new PolicyError(code, `${where} must be text in quotes.`)
  if (value.length <= POLICY_LIMITS.characters) return value
  throw new PolicyError(code, `${where} has more than ${POLICY_LIMITS.characters} characters.`)
}

/**
 * A value or a list of values, as a list that has at least one.
 * @throws PolicyError when it is empty or too long
 */
export function readList(value: unknown, { where, code }: Place): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (values.length === 0) throw new PolicyError(code, `${where} is empty: name something.`)
  if (values.length <= POLICY_LIMITS.values) return values
  throw new PolicyError(code, `${where} has more than ${POLICY_LIMITS.values} values.`)
}

/** Either `name` or `Not…`, which must not both be there; undefined when neither is. */
export function findEither(
  { where, entries }: Fields,
  name: string,
): { readonly negated: boolean; readonly value: unknown; readonly where: string } | undefined {
  const negation = `Not${name}`
  const negated = entries.has(negation)
  if (negated && entries.has(name)) {
    throw new PolicyError('InvalidElement', `${where} has both ${name} and ${negation}: keep one.`)
  }
  const found = negated ? negation : name
  const value = entries.get(found)
  return value === undefined ? undefined : { negated, value, where: `${found} of ${where}` }
}
