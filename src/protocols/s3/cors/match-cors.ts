// Which rule lets a script of another origin in, and what a browser is told then. Pure.
import type { ResponseHeaders } from '../../http/response.ts'
import type { CorsRule } from './cors-rules.ts'

/** What a browser says of a request that crosses origins. */
export type CrossOriginRequest = {
  readonly origin: string
  readonly method: string
  /** Those that it announces, in lower case. */
  readonly headers: readonly string[]
}

/** No browser announces so many; each is compared with each header of each rule. */
const ANNOUNCED_MAX = 100

/** The first rule that matches decides. */
export function findCorsRule(
  rules: readonly CorsRule[],
  { origin, method, headers }: CrossOriginRequest,
): CorsRule | undefined {
  if (headers.length > ANNOUNCED_MAX) return undefined
  return rules.find(
    (rule) =>
      rule.methods.includes(method) &&
      rule.origins.some((pattern) => matches(pattern, origin)) &&
      headers.every((header) =>
        rule.headers.some((pattern) => matches(pattern.toLowerCase(), header)),
      ),
  )
}

/** `*` stands for any text, also for none. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  return (
    text.length >= pattern.length - 1 &&
    text.startsWith(pattern.slice(0, star)) &&
    text.endsWith(pattern.slice(star + 1))
  )
}

/**
 * As S3 answers both preflights and what follows them. An origin that is allowed because all are
 * may not bring cookies, which no request to S3 needs.
 * @see S3 User Guide, "Testing CORS"; WHATWG Fetch, "CORS protocol"
 */
export function corsHeaders(rule: CorsRule, request: CrossOriginRequest): ResponseHeaders {
  const isForAll = rule.origins.includes('*')
  return {
    'access-control-allow-origin': isForAll ? '*' : request.origin,
    'access-control-allow-methods': rule.methods.join(', '),
    'access-control-allow-headers': joined(request.headers),
    'access-control-expose-headers': joined(rule.exposed),
    'access-control-max-age': rule.maxAgeSeconds,
    'access-control-allow-credentials': isForAll ? undefined : 'true',
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

function joined(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(', ')
}
