// Which policies of buckets S3 calls public.
// @see S3 User Guide, "Blocking public access to your Amazon S3 storage", The meaning of "public"
import { parseIpRange } from './ip-range.ts'
import type {
  ConditionOperator,
  PolicyCondition,
  PolicyDocument,
  PolicyStatement,
} from './policy-document.ts'

/**
 * Whether a statement of the policy allows something to people who are not named, or to a range of
 * addresses too broad to be anybody's. Statements that deny do not change that.
 */
export function isPublicPolicy(policy: PolicyDocument): boolean {
  return policy.statements.some(isPublicStatement)
}

function isPublicStatement({ effect, principals, conditions }: PolicyStatement): boolean {
  if (effect === 'Deny' || principals === undefined) return false
  const isOpen = principals.principals.some(({ kind }) => kind === 'anyone' || kind === 'federated')
  return (isOpen || principals.negated) && !conditions.some(namesWhoMay)
}

/**
 * Keys whose values belong to somebody. The name of a user does not, for any account may have an
 * `alice`; nor does `aws:userid`, which AWS lists and which is that name here.
 */
const OWNED_KEYS: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
])

const FIXING_OPERATORS: ReadonlySet<ConditionOperator> = new Set([
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'ArnEquals',
  'ArnLike',
])

/** What holds without the key says nothing about who asks. */
function namesWhoMay({ operator, quantifier, ifExists, key, values }: PolicyCondition): boolean {
  if (ifExists || quantifier === 'all') return false
  if (key === 'aws:sourceip') return operator === 'IpAddress' && values.every(isNarrowRange)
  if (!OWNED_KEYS.has(key) || !FIXING_OPERATORS.has(operator)) return false
  return values.every((value) => isFixed(value) || (key === ACCESS_POINT && isOfAccount(value)))
}

/** No wildcards, no variables. */
function isFixed(value: string): boolean {
  return !/[*?]|\$\{/.test(value)
}

const ACCESS_POINT = 's3:dataaccesspointarn'

/** Any access point of a given account. */
function isOfAccount(arn: string): boolean {
  return /^arn:aws:s3:[\w-]+:\d{12}:accesspoint\/[^$]*$/.test(arn)
}

const BROADEST_PREFIX_BITS = { ipv4: 8, ipv6: 32 } as const

function isNarrowRange(value: string): boolean {
  const range = parseIpRange(value)
  if (range === undefined) return false
  const { ipv4, ipv6 } = BROADEST_PREFIX_BITS
  return range.prefixBits >= (range.bytes.length === 4 ? ipv4 : ipv6)
}
