/** Random policies and requests over so few names that they meet often. */
import * as fc from 'fast-check'
import type { RawPolicy, RawRequest, RawStatement } from './naive-evaluator.ts'

const OURS = '111122223333'
const THEIRS = '444455556666'

const ACTIONS = words('s3:GetObject s3:PutObject s3:ListBucket s3:GetObjectAcl')
const ACTION_PATTERNS = [
  ...ACTIONS,
  ...words('s3:* * s3:Get* s3:?utObject S3:getobject s3:*Object s3:*ject* s3:GetBucketAcl'),
]

const RESOURCES = words('b b/a b/a/x b/alice/x b/a*x b/:a b/${aws:username}/x b/😀')
const RESOURCE_PATTERNS = [
  ...RESOURCES,
  ...words('b* b/* * */* b/a* b/? b/*/x b/a?x b/*a* b/:* b/${aws:username}/* b/${AWS:UserName}*'),
  ...words('b/${aws:PrincipalTag/team} b/a${*}x b/${aws:TagKeys} b/${$}*'),
  ...words("b/${aws:username,'a'} b/${aws:userid,'alice'}/x"),
]

/** Values that are compared as texts, numbers, dates and so on, and what they are compared with. */
const TEXTS = ['', ...words('a A alice a* b alice/x')]
const TEXT_PATTERNS = [
  ...TEXTS,
  ...words('* ? a? *i* */x ${aws:username} ${aws:username}/* ${*} ${aws:none} ${aws:TagKeys}'),
  ...words("${aws:none,'a'} ${aws:PrincipalTag/team}*"),
]
const NUMBERS = words('0 1 10 10.0 -1.5 1000 007')
const DATES = [
  ...words('1767225600 1767225601 2026-01-01T00:00:00Z 2026-01-01 2026-01'),
  ...words('2026-01-01T01:00:00+01:00 2026-01-01T00:00:00.500Z 2025-12-31T23:59:59Z'),
]
const ADDRESSES = words('10.0.0.1 10.1.0.1 192.0.2.7 2001:db8::1 2001:db8:8000::')
const RANGES = [
  ...ADDRESSES,
  ...words('10.0.0.0/8 10.0.0.0/15 0.0.0.0/0 192.0.2.0/29 192.0.2.8/29'),
  ...words('::/0 2001:db8::/32 2001:db8::/33'),
]
const ARNS = words('arn:aws:s3:::b arn:aws:s3:::b/a:x arn:aws:iam::1:user/alice arn:aws:s3')
const ARN_PATTERNS = [
  ...ARNS,
  ...words('* arn:* arn:aws:s3:::b* arn:aws:*:::b arn:aws:iam::?:user/* arn:aws:s3:::*:x'),
  ...words('arn:aws:iam::1:user/${aws:username} arn:aws:s3:::b/${aws:none}'),
]
const BOOLS = words('true false True')
const BYTES = ['', ...words('YQ== YWxpY2U=')]

function words(text: string): readonly string[] {
  return text.split(' ')
}

type Family = {
  readonly operators: readonly string[]
  readonly wanted: readonly string[]
  readonly keys: readonly string[]
}

const ORDERED = words('Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals')

/** Operators, with keys that have values which they can read, and some which they cannot. */
const FAMILIES: readonly Family[] = [
  {
    operators: words('Equals NotEquals Like NotLike EqualsIgnoreCase NotEqualsIgnoreCase').map(
      (name) => `String${name}`,
    ),
    wanted: TEXT_PATTERNS,
    keys: ['s3:prefix', 'aws:username', 'aws:TagKeys', 'aws:none'],
  },
  {
    operators: ORDERED.map((name) => `Numeric${name}`),
    wanted: NUMBERS,
    keys: ['s3:max-keys', 's3:prefix'],
  },
  {
    operators: ORDERED.map((name) => `Date${name}`),
    wanted: DATES,
    keys: ['aws:CurrentTime', 's3:prefix'],
  },
  {
    operators: ['IpAddress', 'NotIpAddress'],
    wanted: RANGES,
    keys: ['aws:SourceIp', 's3:prefix'],
  },
  {
    operators: words('ArnEquals ArnLike ArnNotEquals ArnNotLike'),
    wanted: ARN_PATTERNS,
    keys: ['aws:SourceArn', 's3:prefix'],
  },
  { operators: ['Bool'], wanted: BOOLS, keys: ['aws:SecureTransport', 's3:prefix'] },
  { operators: ['BinaryEquals'], wanted: BYTES, keys: ['aws:username', 's3:prefix'] },
]

function someOf(values: readonly string[], max = 3): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: max })
}

type Condition = NonNullable<RawStatement['Condition']>

const aComparison: fc.Arbitrary<Condition> = fc
  .constantFrom(...FAMILIES)
  .chain(({ operators, wanted, keys }) => {
    const anOperator = fc
      .tuple(
        fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
        fc.constantFrom(...operators),
        fc.constantFrom('', '', 'IfExists'),
      )
      .map((parts) => parts.join(''))
    const aBlock = fc.dictionary(fc.constantFrom(...keys), someOf(wanted), {
      minKeys: 1,
      maxKeys: 2,
    })
    return fc.tuple(anOperator, aBlock).map(([operator, block]) => ({ [operator]: block }))
  })

const aNullCheck: fc.Arbitrary<Condition> = fc
  .dictionary(
    fc.constantFrom('aws:username', 'aws:none', 's3:prefix'),
    someOf(['true', 'false'], 1),
    {
      minKeys: 1,
      maxKeys: 2,
    },
  )
  .map((block) => ({ Null: block }))

const someConditions: fc.Arbitrary<Condition> = fc
  .array(fc.oneof({ weight: 6, arbitrary: aComparison }, { weight: 1, arbitrary: aNullCheck }), {
    maxLength: 2,
  })
  .map((blocks) => blocks.reduce<Condition>((all, block) => ({ ...all, ...block }), {}))

const PRINCIPAL_NAMES = [OURS, THEIRS].flatMap((account) => [
  account,
  `arn:aws:iam::${account}:root`,
  `arn:aws:iam::${account}:user/alice`,
  `arn:aws:iam::${account}:user/bob`,
])

function canonicalIdOf(account: string): string {
  return account.padStart(64, '0')
}

const somePrincipals: fc.Arbitrary<NonNullable<RawStatement['Principal']>> = fc.oneof(
  fc.constant('*' as const),
  fc.record({ AWS: someOf([...PRINCIPAL_NAMES, '*'], 4) }),
  fc.record({ AWS: someOf(PRINCIPAL_NAMES, 4) }),
  fc.record({
    AWS: someOf(PRINCIPAL_NAMES),
    CanonicalUser: someOf([OURS, THEIRS].map(canonicalIdOf), 1),
    Service: fc.constant(['logging.s3.amazonaws.com']),
  }),
)

/** Mostly the first. */
function mostly<First, Second>(
  first: fc.Arbitrary<First>,
  second: fc.Arbitrary<Second>,
): fc.Arbitrary<First | Second> {
  return fc.oneof({ weight: 3, arbitrary: first }, { weight: 1, arbitrary: second })
}

const someActions = someOf(ACTION_PATTERNS)
const someResources = someOf(RESOURCE_PATTERNS.map((path) => `arn:aws:s3:::${path}`))

const aStatement: fc.Arbitrary<RawStatement> = fc
  .tuple(
    mostly(fc.record({ Action: someActions }), fc.record({ NotAction: someActions })),
    mostly(fc.record({ Resource: someResources }), fc.record({ NotResource: someResources })),
    fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
    someConditions,
  )
  .map(([actions, resources, Effect, Condition]) => {
    return { Effect, ...actions, ...resources, Condition }
  })

/** S3 takes `NotPrincipal` with `Deny` only. */
const aBucketStatement: fc.Arbitrary<RawStatement> = fc
  .tuple(aStatement, somePrincipals, fc.boolean())
  .map(([statement, principals, isNegated]) => {
    const isException = statement.Effect === 'Deny' && isNegated
    return { ...statement, [isException ? 'NotPrincipal' : 'Principal']: principals }
  })

/** Every other statement has a name of its own. */
function policyOf(statement: fc.Arbitrary<RawStatement>): fc.Arbitrary<RawPolicy> {
  const version = mostly(fc.constant({ Version: '2012-10-17' as const }), fc.constant({}))
  const statements = fc.array(statement, { minLength: 1, maxLength: 8 })
  return fc.tuple(version, statements).map(([element, list]) => {
    const Statement = list.map((one, at) => (at % 2 === 0 ? one : { ...one, Sid: `S${at}` }))
    return { ...element, Statement }
  })
}

export const anIdentityPolicy: fc.Arbitrary<RawPolicy> = policyOf(aStatement)

export const aBucketPolicy: fc.Arbitrary<RawPolicy> = policyOf(aBucketStatement)

const aCaller: fc.Arbitrary<RawRequest['who']> = fc.constantFrom(
  {
    kind: 'anonymous' as const,
    account: 'anonymous',
    canonicalId: '65a011a29cdf8ec533ec3d1ccaae921c',
  },
  ...[OURS, THEIRS].flatMap((account) => {
    const canonicalId = canonicalIdOf(account)
    const arn = `arn:aws:iam::${account}`
    return [
      { kind: 'root' as const, account, canonicalId, arn: `${arn}:root` },
      { kind: 'user' as const, account, canonicalId, arn: `${arn}:user/alice` },
      { kind: 'user' as const, account, canonicalId, arn: `${arn}:user/bob` },
    ]
  }),
)

/** Some keys are missing, some have no value, some several. */
const aContext: fc.Arbitrary<RawRequest['context']> = fc.record(
  {
    's3:prefix': fc.array(fc.constantFrom(...TEXTS, '1', '10.0.0.1'), { maxLength: 2 }),
    'aws:username': someOf(['alice', 'a', 'A*', 'a*x'], 1),
    'aws:TagKeys': fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 }),
    'aws:PrincipalTag/team': someOf(['a', '*', 'a/x', ''], 1),
    's3:max-keys': someOf(NUMBERS, 2),
    'aws:CurrentTime': someOf(DATES, 1),
    'aws:SourceIp': someOf(ADDRESSES, 2),
    'aws:SourceArn': someOf(ARNS, 2),
    'aws:SecureTransport': someOf(BOOLS, 1),
  },
  { requiredKeys: [] },
)

export const aRequest: fc.Arbitrary<RawRequest> = fc.record({
  who: aCaller,
  action: fc.constantFrom(...ACTIONS),
  resource: fc.constantFrom(...RESOURCES).map((path) => `arn:aws:s3:::${path}`),
  context: aContext,
})
