/**
 * A second evaluator of policies, written from the sentences of AWS's documentation. It shares
 * nothing with the first: it reads the JSON as it is, makes regular expressions of patterns and
 * asks Node about addresses and dates. It trusts its input and is too slow to serve.
 */
import { BlockList, isIP } from 'node:net'

export type RawStatement = {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | Readonly<Record<string, readonly string[]>>
  readonly NotPrincipal?: '*' | Readonly<Record<string, readonly string[]>>
  readonly Action?: readonly string[]
  readonly NotAction?: readonly string[]
  readonly Resource?: readonly string[]
  readonly NotResource?: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

export type RawPolicy = {
  readonly Version?: '2012-10-17' | '2008-10-17'
  readonly Statement: readonly RawStatement[]
}

export type RawRequest = {
  readonly who: {
    readonly kind: 'root' | 'user' | 'anonymous'
    readonly account: string
    readonly canonicalId: string
    readonly arn?: string
  }
  readonly action: string
  readonly resource: string
  /** By name as AWS writes it; names ignore case. */
  readonly context: Readonly<Record<string, readonly string[]>>
}

export type NaiveVerdict = {
  readonly effect: 'deny' | 'allow' | 'none'
  /** Its place, from 0. */
  readonly by?: number
  readonly to?: 'caller' | 'account'
}

/** "An explicit deny in any policy overrides any allows"; "by default all requests are denied". */
export function naiveVerdict(policy: RawPolicy, request: RawRequest): NaiveVerdict {
  const applying = policy.Statement.map((statement, by) => ({
    by,
    effect: statement.Effect,
    to: appliesTo(statement, policy, request),
  })).filter(({ to }) => to !== 'nobody')
  const deny = applying.find(({ effect }) => effect === 'Deny')
  if (deny) return { effect: 'deny', by: deny.by }
  for (const to of ['caller', 'account'] as const) {
    const allow = applying.find((statement) => statement.to === to)
    if (allow) return { effect: 'allow', by: allow.by, to }
  }
  return { effect: 'none' }
}

function appliesTo(
  statement: RawStatement,
  policy: RawPolicy,
  request: RawRequest,
): 'caller' | 'account' | 'nobody' {
  const hasVariables = policy.Version === '2012-10-17'
  const substitute = (text: string): readonly Piece[] | 'no value' => {
    return hasVariables ? substituteVariables(text, request) : [{ kind: 'pattern', text }]
  }
  const isAction = (name: string): boolean => {
    return wildcards([{ kind: 'pattern', text: name }], 'i').test(request.action)
  }
  const isResource = (arn: string): boolean => matchesArn(substitute(arn), request.resource)
  if (statement.Action && !statement.Action.some(isAction)) return 'nobody'
  if (statement.NotAction?.some(isAction)) return 'nobody'
  if (statement.Resource && !statement.Resource.some(isResource)) return 'nobody'
  if (statement.NotResource?.some(isResource)) return 'nobody'
  for (const [operator, block] of Object.entries(statement.Condition ?? {})) {
    for (const [key, values] of Object.entries(block)) {
      if (!meets({ operator, values, given: contextOf(request, key), substitute })) return 'nobody'
    }
  }
  return principalOf(statement, request)
}

/** A text of a policy, or the value of a variable, which is no pattern. */
type Piece = { readonly kind: 'pattern' | 'literal'; readonly text: string }

/** Keys ignore case. */
function contextOf(request: RawRequest, key: string): readonly string[] {
  const entries = Object.entries(request.context)
  return entries.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1] ?? []
}

/** "Marked using a `$` prefix followed by a pair of curly braces"; defaults in single quotes. */
function substituteVariables(text: string, request: RawRequest): readonly Piece[] | 'no value' {
  const start = text.indexOf('${')
  if (start === -1) return [{ kind: 'pattern', text }]
  const end = text.indexOf('}', start)
  const inside = text.slice(start + 2, end)
  const [name = '', quoted] = inside.split(/, ?(?=')/)
  const values = ['*', '?', '$'].includes(inside) ? [inside] : contextOf(request, name)
  const value = values.length === 1 ? values[0] : quoted?.slice(1, -1)
  const rest = substituteVariables(text.slice(end + 1), request)
  if (value === undefined || rest === 'no value') return 'no value'
  return [
    { kind: 'pattern', text: text.slice(0, start) },
    { kind: 'literal', text: value },
    ...rest,
  ]
}

function wildcards(pieces: readonly Piece[], flags = ''): RegExp {
  const source = pieces.map(({ kind, text }) => {
    const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
    if (kind === 'literal') return escaped
    return escaped.replaceAll(String.raw`\*`, '[^]*').replaceAll(String.raw`\?`, '[^]')
  })
  return new RegExp(`^(?:${source.join('')})$`, `u${flags}`)
}

/** "Each of the six colon-delimited components of the ARN is checked separately." */
function matchesArn(pieces: readonly Piece[] | 'no value', arn: string): boolean {
  if (pieces === 'no value') return false
  const wanted: Piece[][] = [[]]
  for (const { kind, text } of pieces) {
    const parts = kind === 'literal' ? [text] : text.split(':')
    for (const [at, part] of parts.entries()) {
      const isSixth = wanted.length === 6
      if (at > 0 && isSixth) wanted.at(-1)?.push({ kind: 'literal', text: ':' })
      if (at > 0 && !isSixth) wanted.push([])
      wanted.at(-1)?.push({ kind, text: part })
    }
  }
  while (wanted.length < 6) wanted.push([{ kind: 'pattern', text: '*' }])
  const given = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):([^]*)$/.exec(arn)?.slice(1)
  return given?.every((part, at) => wildcards(wanted[at] ?? []).test(part)) ?? false
}

type Test = {
  readonly operator: string
  readonly values: readonly string[]
  readonly given: readonly string[]
  readonly substitute: (text: string) => readonly Piece[] | 'no value'
}

function meets({ operator, values, given, substitute }: Test): boolean {
  const [first = '', second] = operator.split(':')
  const qualifier = second === undefined ? 'none' : first
  const name = (second ?? first).replace(/IfExists$/, '')
  const ifExists = operator.endsWith('IfExists')
  const real = given.filter((value) => value !== '')
  if (name === 'Null') return values.includes(real.length === 0 ? 'true' : 'false')
  const positive = POSITIVE[name] ?? name
  const isNegated = positive !== name
  const matchesAny = (value: string): boolean => {
    return values.some((wanted) =>
      compares(positive, value, { wanted, pieces: substitute(wanted) }),
    )
  }
  if (qualifier === 'ForAllValues') {
    // "Returns true if there are no keys in the request, or if they resolve to a null data set"
    return real.every((value) => matchesAny(value) !== isNegated)
  }
  if (qualifier === 'ForAnyValue') {
    // "For no matching key, or a null data set, the condition returns false"
    if (real.length === 0) return ifExists
    return real.some((value) => matchesAny(value) !== isNegated)
  }
  // "If the key is not present, evaluate the condition element as true"
  if (given.length === 0) return ifExists || isNegated
  // Values of a negated operator are a logical NOR.
  return given.some(matchesAny) !== isNegated
}

const POSITIVE: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
}

type Wanted = { readonly wanted: string; readonly pieces: readonly Piece[] | 'no value' }

function compares(operator: string, value: string, { wanted, pieces }: Wanted): boolean {
  const plain = pieces === 'no value' ? undefined : pieces.map(({ text }) => text).join('')
  switch (operator) {
    case 'StringEquals':
      return value === plain
    case 'StringEqualsIgnoreCase':
      return value.toLowerCase() === plain?.toLowerCase()
    case 'StringLike':
      return pieces !== 'no value' && wildcards(pieces).test(value)
    case 'ArnEquals':
    case 'ArnLike':
      return matchesArn(pieces, value)
    case 'Bool':
      return value.toLowerCase() === wanted.toLowerCase()
    case 'BinaryEquals':
      return Buffer.from(value).toString('base64') === wanted
    case 'IpAddress':
      return isWithin(value, wanted)
    default:
      return ordered(operator, value, wanted)
  }
}

function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/')
  const own = isIP(network)
  if (own === 0 || isIP(address) !== own) return false
  const list = new BlockList()
  const family = own === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, Number(prefix ?? (own === 4 ? 32 : 128)), family)
  return list.check(address, family)
}

function ordered(operator: string, value: string, wanted: string): boolean {
  const [, kind, how] = /^(Numeric|Date)(\w+)$/.exec(operator) ?? []
  const read = kind === 'Date' ? readDate : readNumber
  const [a, b] = [read(value), read(wanted)]
  if (a === undefined || b === undefined) return false
  const is = { Equals: a === b, LessThan: a < b, GreaterThan: a > b }
  if (how === 'LessThanEquals') return is.LessThan || is.Equals
  if (how === 'GreaterThanEquals') return is.GreaterThan || is.Equals
  return how === 'Equals' ? is.Equals : how === 'LessThan' ? is.LessThan : is.GreaterThan
}

function readNumber(text: string): number | undefined {
  return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** "One of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time" */
function readDate(text: string): number | undefined {
  const epoch = text.includes('-') ? undefined : readNumber(text)
  if (epoch !== undefined) return epoch
  const time = new Date(text).getTime() / 1000
  return Number.isNaN(time) ? undefined : time
}

/** Policies of identities have no principal; those of buckets name one, or all but some. */
function principalOf(
  { Principal, NotPrincipal }: RawStatement,
  { who }: RawRequest,
): 'caller' | 'account' | 'nobody' {
  const listed = Principal ?? NotPrincipal
  if (listed === undefined) return 'caller'
  const names = listed === '*' ? ['*'] : (listed['AWS'] ?? [])
  const canonical = listed === '*' ? [] : (listed['CanonicalUser'] ?? [])
  const isEveryone = names.includes('*')
  const isAccount =
    names.includes(who.account) ||
    names.includes(`arn:aws:iam::${who.account}:root`) ||
    canonical.includes(who.canonicalId)
  const isUser = who.kind === 'user' && names.includes(who.arn ?? '')
  if (NotPrincipal !== undefined) {
    // "You must also specify the account ARN of the not-denied principal."
    const isSpared = isEveryone || (who.kind === 'user' ? isUser && isAccount : isAccount)
    return isSpared ? 'nobody' : 'caller'
  }
  if (isEveryone || isUser || (isAccount && who.kind !== 'user')) return 'caller'
  return isAccount ? 'account' : 'nobody'
}
