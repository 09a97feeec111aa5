// Policies in AWS's JSON language, and what AWS refuses of it.
// @see IAM User Guide, "Grammar of the IAM JSON policy language"
import { findPatternProblem, matchPattern } from './match-pattern.ts'
import { parseConditions } from './parse-conditions.ts'
import { parsePrincipals } from './parse-principals.ts'
import type {
  PatternList,
  PolicyDocument,
  PolicyStatement,
  PrincipalList,
} from './policy-document.ts'
import { PolicyError } from './policy-error.ts'
import { findEither, findText, readFields, readList, readText } from './policy-fields.ts'
import type { Fields } from './policy-fields.ts'
import { parsePolicyJson } from './policy-json.ts'
import { POLICY_LIMITS } from './policy-limits.ts'
import { namesS3Action } from './s3-vocabulary.ts'

/** Whose policy it is: that of a bucket names principals and speaks of nothing but the bucket. */
export type PolicyKind =
  | { readonly kind: 'bucket'; readonly bucket: string }
  | { readonly kind: 'identity' }

const ELEMENTS = ['Version', 'Id', 'Statement']
const STATEMENT_ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]

type Context = PolicyKind & { readonly version: PolicyDocument['version'] }

/**
 * The policy that the text holds.
 * @throws PolicyError with a message for whoever wrote it
 */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const fields = readFields(parsePolicyJson(text), { where: 'The policy', known: ELEMENTS })
  const version = parseVersion(fields)
  const id = findText(fields, 'Id')
  const statements = readStatements(fields).map((value, at) => {
    return parseStatement(value, { where: `statement #${at + 1}`, ...kind, version })
  })
  assertUniqueSids(statements)
  return { version, ...(id !== undefined && { id }), statements }
}

function parseVersion(fields: Fields): PolicyDocument['version'] {
  const version = findText(fields, 'Version') ?? '2008-10-17'
  if (version === '2012-10-17' || version === '2008-10-17') return version
  throw new PolicyError(
    'InvalidElement',
    `The policy must contain a valid version: not "${version}", but 2012-10-17 or 2008-10-17.`,
  )
}

function readStatements({ entries }: Fields): readonly unknown[] {
  const value = entries.get('Statement')
  const statements: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (value === undefined || statements.length === 0) {
    throw new PolicyError(
      'InvalidElement',
      'Missing required field Statement: the policy has none.',
    )
  }
  if (statements.length <= POLICY_LIMITS.statements) return statements
  throw new PolicyError(
    'InvalidElement',
    `The policy has more than ${POLICY_LIMITS.statements} statements.`,
  )
}

function assertUniqueSids(statements: readonly PolicyStatement[]): void {
  const sids = statements.flatMap(({ sid }) => sid ?? [])
  const twice = sids.find((sid, at) => sids.indexOf(sid) !== at)
  if (twice === undefined) return
  throw new PolicyError('InvalidElement', `Two statements have the Sid "${twice}": rename one.`)
}

function parseStatement(
  value: unknown,
  context: Context & { readonly where: string },
): PolicyStatement {
  const fields = readFields(value, { where: context.where, known: STATEMENT_ELEMENTS })
  const sid = findText(fields, 'Sid') ?? ''
  const effect = parseEffect(fields)
  const principals = parsePrincipalList(fields, { ...context, effect })
  return {
    ...(sid !== '' && { sid }),
    effect,
    ...(principals && { principals }),
    actions: parseActions(fields, context),
    resources: parseResources(fields, context),
    conditions: parseConditions(fields.entries.get('Condition'), context),
  }
}

function parseEffect(fields: Fields): PolicyStatement['effect'] {
  const effect = findText(fields, 'Effect')
  if (effect === 'Allow' || effect === 'Deny') return effect
  const problem = effect === undefined ? 'is missing' : `must be Allow or Deny, not "${effect}"`
  throw new PolicyError('InvalidElement', `Effect of ${fields.where} ${problem}.`)
}

function parsePrincipalList(
  fields: Fields,
  { kind, effect }: Context & Pick<PolicyStatement, 'effect'>,
): PrincipalList | undefined {
  const found = findEither(fields, 'Principal')
  if (kind === 'identity') {
    if (found === undefined) return undefined
    throw new PolicyError(
      'InvalidPrincipal',
      `Policy document should not specify a principal: ${found.where} is for policies of buckets.`,
    )
  }
  if (found === undefined) {
    throw new PolicyError(
      'InvalidPrincipal',
      `Missing required field Principal in ${fields.where}.`,
    )
  }
  if (found.negated && effect === 'Allow') {
    throw new PolicyError(
      'InvalidPrincipal',
      `${fields.where} allows with NotPrincipal, which would allow it to strangers: use Deny.`,
    )
  }
  return { negated: found.negated, principals: parsePrincipals(found.value, found.where) }
}

const ANY_ACTION = /^\*(:\*)?$/
const ACTION = /^[\w-]+:[\w*?]+$/

function parseActions(fields: Fields, { kind }: Context): PatternList {
  return parsePatterns(fields, { name: 'Action', code: 'InvalidAction' }, (action) => {
    if (ANY_ACTION.test(action)) return undefined
    if (!ACTION.test(action)) return 'which is no action such as s3:GetObject'
    const isKnown = kind === 'identity' || namesS3Action(action)
    return isKnown ? undefined : 'which S3 does not have for buckets and objects'
  })
}

function parseResources(fields: Fields, context: Context): PatternList {
  return parsePatterns(fields, { name: 'Resource', code: 'InvalidResource' }, (resource) => {
    const problem = context.version === '2012-10-17' ? findPatternProblem(resource) : undefined
    if (problem !== undefined) return `which ${problem}`
    if (context.kind === 'bucket') return findBucketProblem(resource, context.bucket)
    const isArn = resource === '*' || resource.startsWith('arn:')
    return isArn ? undefined : 'which is no ARN such as arn:aws:s3:::bucket/*'
  })
}

const BUCKET_ARN = 'arn:aws:s3:::'

/** A pattern may name the bucket, as in `arn:aws:s3:::*`, but no variable may stand for it. */
function findBucketProblem(resource: string, bucket: string): string | undefined {
  const [named = ''] = resource.slice(BUCKET_ARN.length).split('/')
  const isInBucket = resource.startsWith(BUCKET_ARN) && matchPattern(named, bucket, undefined)
  return isInBucket ? undefined : `which is not in the bucket "${bucket}"`
}

type Element = {
  readonly name: 'Action' | 'Resource'
  readonly code: 'InvalidAction' | 'InvalidResource'
}

function parsePatterns(
  fields: Fields,
  { name, code }: Element,
  findProblem: (pattern: string) => string | undefined,
): PatternList {
  const found = findEither(fields, name)
  if (found === undefined) {
    throw new PolicyError('InvalidElement', `Missing required field ${name} in ${fields.where}.`)
  }
  const place = { where: found.where, code }
  const patterns = readList(found.value, place).map((value) => readText(value, place))
  for (const pattern of patterns) {
    const problem = findProblem(pattern)
    if (problem === undefined) continue
    const what = `Policy has invalid ${name.toLowerCase()}`
    throw new PolicyError(code, `${what}: ${found.where} names "${pattern}", ${problem}.`)
  }
  return { negated: found.negated, patterns }
}
