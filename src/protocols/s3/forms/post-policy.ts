// What whoever signed a form allows it to be.
// @see S3 API Reference, "POST Policy"
import type { FormFields } from '../../http/signature/form-signature.ts'
import { S3Error } from '../errors.ts'
import { parsePostPolicy, type PolicyCondition } from './parse-post-policy.ts'

/** The form that a policy is compared with. */
export type JudgedForm = {
  /** The one that the form was sent to, whatever a field says. */
  readonly bucket: string
  /** As the file's name completed it. */
  readonly key: string
  readonly fields: FormFields
  readonly now: Date
}

/** How many bytes the file may have, both included. */
export type SizeRange = { readonly min: number; readonly max: number }

/**
 * The form is what its policy allows; of the file's size that is still to be seen.
 * @throws S3Error `InvalidPolicyDocument`, `PolicyNotMet`
 */
export function assertPolicy(policy: string, form: JudgedForm): SizeRange {
  const { expiresAt, conditions } = parsePostPolicy(policy)
  if (form.now >= expiresAt) throw notMet('Policy expired.')
  const ranges = conditions.filter((condition) => condition.kind === 'size')
  for (const condition of conditions) {
    if (condition.kind === 'size' || holds(condition, form)) continue
    const { kind, field, value } = condition
    throw notMet(`Policy Condition failed: ["${kind}", "$${field}", "${value}"]`)
  }
  const covered = new Set(
    conditions.map((condition) => condition.kind !== 'size' && condition.field),
  )
  const extra = ['bucket', ...form.fields.keys()].find(
    (field) => !covered.has(field) && !isExempt(field),
  )
  if (extra !== undefined) throw notMet(`Extra input fields: ${extra}`)
  return {
    min: Math.max(0, ...ranges.map(({ min }) => min)),
    max: Math.min(Number.POSITIVE_INFINITY, ...ranges.map(({ max }) => max)),
  }
}

type FieldCondition = Exclude<PolicyCondition, { readonly kind: 'size' }>

function holds({ kind, field, value }: FieldCondition, form: JudgedForm): boolean {
  const found = findValue(field, form)
  if (found === undefined) return false
  if (kind === 'eq') return found === value
  // A list of types must begin so in every one of them.
  const values = field === 'content-type' ? found.split(',').map((each) => each.trim()) : [found]
  return values.every((each) => each.startsWith(value))
}

function findValue(field: string, { bucket, key, fields }: JudgedForm): string | undefined {
  if (field === 'bucket') return bucket
  return field === 'key' ? key : fields.get(field)
}

/** What proves the policy, and what S3 does not look at. */
const EXEMPT: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'policy',
  'signature',
  'x-amz-signature',
])

function isExempt(field: string): boolean {
  return EXEMPT.has(field) || field.startsWith('x-ignore-')
}

function notMet(what: string): S3Error {
  return new S3Error('PolicyNotMet', { message: `Invalid according to Policy: ${what}` })
}
