import {
  formatTimestamp,
  parseTimestamp,
  SIGV4_ALGORITHM,
  UNSIGNED_PAYLOAD,
} from '../../../base/sigv4.ts'
import { parseHttpDate } from '../http-date.ts'
import { findParameter, type Query } from '../query.ts'
import { findHeader, type HttpRequest } from '../request.ts'
import { AuthenticationError, type AuthenticationErrorCode } from './authentication-error.ts'
import { type Credential, parseCredential } from './credential.ts'
import { isPresignedV2 } from './presigned-v2.ts'

/** What a request says about its signature, before anything of it is believed. */
export type SignatureClaim = Credential & {
  readonly signedHeaders: readonly string[]
  readonly signature: string
  readonly signedAt: Date
  /** The same moment as it is signed: `YYYYMMDD'T'HHMMSS'Z'`. */
  readonly timestamp: string
  readonly payloadHash: string
  /** Only a presigned URL says how long it counts. */
  readonly expiresSeconds: number | undefined
}

/** Whether a request claims to be somebody's; one that does not is anonymous. */
export function isSigned({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): boolean {
  return (
    findAuthorization(headers) !== undefined ||
    SIGNING_PARAMETERS.some((name) => findParameter(query, name) !== undefined)
  )
}

const SIGNING_PARAMETERS = ['X-Amz-Algorithm', 'X-Amz-Signature', 'AWSAccessKeyId', 'Signature']

/** A week. @see S3 API Reference, "Authenticating Requests: Using Query Parameters" */
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60

/**
 * The claim in the Authorization header or in the query string.
 * @throws AuthenticationError `AuthenticationMissing`, `AuthenticationAmbiguous`,
 *   `AuthenticationUnsupported`, `AuthorizationTypeUnknown`, `AuthorizationHeaderMalformed`,
 *   `AuthorizationQueryMalformed`, `SecurityTokenInvalid`, `DateMissing`, `PayloadHashMissing`
 */
export function readSignatureClaim(request: HttpRequest): SignatureClaim {
  const { headers, query } = request
  const authorization = findAuthorization(headers)
  const isPresigned = isPresignedV4(query)
  if ((authorization !== undefined || isPresigned) && isPresignedV2(query)) throw ambiguous()
  if (authorization !== undefined && isPresigned) throw ambiguous()
  assertNoSession(request)
  if (isPresigned) return readQuery(request)
  if (authorization !== undefined) return readHeader(request, authorization)
  throw new AuthenticationError('AuthenticationMissing', 'The request is not signed.')
}

/** Whether a request is signed by version 2 in its query, and in no other way. */
export function isPresignedV2Alone({ headers, query }: HttpRequest): boolean {
  return isPresignedV2(query) && !isPresignedV4(query) && findAuthorization(headers) === undefined
}

function isPresignedV4(query: Query): boolean {
  return ['X-Amz-Algorithm', 'X-Amz-Signature'].some(
    (name) => findParameter(query, name) !== undefined,
  )
}

function ambiguous(): AuthenticationError {
  return new AuthenticationError(
    'AuthenticationAmbiguous',
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query ' +
      'string parameter or the Authorization header should be specified',
  )
}

/** An empty header is none. */
function findAuthorization(headers: HttpRequest['headers']): string | undefined {
  const value = findHeader(headers, 'authorization')
  return value === undefined || value.trim() === '' ? undefined : value
}

/** Temporary keys come with a token; there are none here, so nobody can have the right one. */
function assertNoSession({ headers, query }: HttpRequest): void {
  const token =
    findHeader(headers, 'x-amz-security-token') ?? findParameter(query, 'X-Amz-Security-Token')
  if (token !== undefined && token !== '') throw unknownToken()
}

/** What is answered to a token of a session. */
export function unknownToken(): AuthenticationError {
  return new AuthenticationError(
    'SecurityTokenInvalid',
    'The provided token is malformed or otherwise invalid. Coffer has no temporary keys: sign ' +
      'with a key of your own, and without x-amz-security-token.',
  )
}

const SHA256_HEX = /^[0-9a-f]{64}$/
const COMPONENTS = ['Credential', 'SignedHeaders', 'Signature'] as const

function readHeader(request: HttpRequest, authorization: string): SignatureClaim {
  const { accessKey, scope, signedHeaders, signature } = readAuthorization(authorization)
  const { signedAt, timestamp } = readDate(request)
  if (!timestamp.startsWith(scope.day)) {
    throw malformedHeader('Invalid credential date. Date is not the same as X-Amz-Date.')
  }
  const payloadHash = findHeader(request.headers, 'x-amz-content-sha256')
  if (payloadHash === undefined) {
    throw new AuthenticationError(
      'PayloadHashMissing',
      'Missing required header for this request: x-amz-content-sha256',
    )
  }
  const claim = { accessKey, scope, signedHeaders, signature }
  return { ...claim, signedAt, timestamp, payloadHash, expiresSeconds: undefined }
}

type Authorization = Credential & Pick<SignatureClaim, 'signedHeaders' | 'signature'>

/** What stands before the signature: a client sends the same all day, so it is parsed once. */
const parsed = new Map<string, Omit<Authorization, 'signature'>>()
const PARSED_MAX = 1000
const PARSED_CHARACTERS = 1000
const SIGNATURE_CHARACTERS = 64

function readAuthorization(authorization: string): Authorization {
  const before = authorization.slice(0, -SIGNATURE_CHARACTERS)
  const signature = authorization.slice(-SIGNATURE_CHARACTERS)
  const known = parsed.get(before)
  if (known !== undefined && SHA256_HEX.test(signature)) return { ...known, signature }
  const { Credential, SignedHeaders, Signature } = readComponents(authorization)
  const claim = {
    ...parseCredential(Credential, 'header'),
    signedHeaders: parseSignedHeaders(SignedHeaders, 'AuthorizationHeaderMalformed'),
  }
  const isLast = Signature === signature && SHA256_HEX.test(signature)
  if (isLast && before.length <= PARSED_CHARACTERS) {
    if (parsed.size >= PARSED_MAX) parsed.clear()
    parsed.set(before, claim)
  }
  return { ...claim, signature: Signature }
}

function readComponents(
  authorization: string,
): Readonly<Record<(typeof COMPONENTS)[number], string>> {
  const space = authorization.indexOf(' ')
  const scheme = space === -1 ? authorization : authorization.slice(0, space)
  if (scheme !== SIGV4_ALGORITHM) throw unsupported(authorization, scheme)
  const found = { Credential: '', SignedHeaders: '', Signature: '' }
  for (const component of authorization.slice(scheme.length).split(',')) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(component.trim()) ?? []
    if (name === '')
      throw malformedHeader(`the authorization component "${component}" is malformed.`)
    if (isComponent(name)) found[name] = value
  }
  if (COMPONENTS.every((name) => found[name] !== '')) return found
  throw malformedHeader(
    'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
  )
}

function isComponent(name: string): name is (typeof COMPONENTS)[number] {
  return COMPONENTS.some((component) => component === name)
}

function malformedHeader(complaint: string): AuthenticationError {
  const message = `The authorization header is malformed; ${complaint}`
  return new AuthenticationError('AuthorizationHeaderMalformed', message)
}

/** The parameters that a presigned URL must have, none of them empty. */
const QUERY_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const

function readQuery({ query, headers }: HttpRequest): SignatureClaim {
  const [
    algorithm = '',
    credential = '',
    signature = '',
    timestamp = '',
    names = '',
    expires = '',
  ] = QUERY_PARAMETERS.map((name) => findParameter(query, name))
  if ([algorithm, credential, signature, timestamp, names, expires].includes('')) {
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, ' +
        'X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  }
  if (algorithm !== SIGV4_ALGORITHM) {
    throw malformedQuery(`X-Amz-Algorithm only supports "${SIGV4_ALGORITHM}"`)
  }
  const claim = parseCredential(credential, 'query')
  const signedAt = parseTimestamp(timestamp)
  if (signedAt === undefined) {
    throw malformedQuery(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
  }
  if (!timestamp.startsWith(claim.scope.day)) {
    throw malformedQuery(
      `Invalid credential date "${claim.scope.day}". This date is not the same as X-Amz-Date: ` +
        `"${timestamp.slice(0, 8)}".`,
    )
  }
  return {
    ...claim,
    signedHeaders: parseSignedHeaders(names, 'AuthorizationQueryMalformed'),
    signature,
    signedAt,
    timestamp,
    expiresSeconds: parseExpires(expires),
    payloadHash:
      findParameter(query, 'X-Amz-Content-Sha256') ??
      findHeader(headers, 'x-amz-content-sha256') ??
      UNSIGNED_PAYLOAD,
  }
}

function malformedQuery(message: string): AuthenticationError {
  return new AuthenticationError('AuthorizationQueryMalformed', message)
}

function parseSignedHeaders(list: string, code: AuthenticationErrorCode): readonly string[] {
  const names = list.toLowerCase().split(';')
  if (!names.includes('')) return names
  throw new AuthenticationError(code, 'SignedHeaders must be names separated by semicolons.')
}

function parseExpires(text: string): number {
  if (!/^-?\d+$/.test(text)) throw malformedQuery('X-Amz-Expires should be a number')
  const seconds = Number(text)
  if (seconds < 0) throw malformedQuery('X-Amz-Expires must be non-negative')
  if (seconds <= MAX_EXPIRES_SECONDS) return seconds
  throw malformedQuery(
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must ' +
      `be less than ${MAX_EXPIRES_SECONDS} seconds`,
  )
}

function readDate({ headers }: HttpRequest): Pick<SignatureClaim, 'signedAt' | 'timestamp'> {
  const date = findHeader(headers, 'x-amz-date') ?? findHeader(headers, 'date') ?? ''
  const stampedAt = parseTimestamp(date)
  if (stampedAt !== undefined) return { signedAt: stampedAt, timestamp: date }
  const signedAt = parseHttpDate(date)
  if (signedAt !== undefined) return { signedAt, timestamp: formatTimestamp(signedAt) }
  throw new AuthenticationError(
    'DateMissing',
    'A signed request needs a valid x-amz-date or Date header.',
  )
}

/** `AWS` is version 2; what else there may be S3 never knew. */
function unsupported(authorization: string, scheme: string): AuthenticationError {
  if (scheme === 'AWS') {
    return new AuthenticationError(
      'AuthenticationUnsupported',
      'The authorization mechanism you have provided is not supported. Please use ' +
        `${SIGV4_ALGORITHM}.`,
    )
  }
  return new AuthenticationError('AuthorizationTypeUnknown', 'Unsupported Authorization Type', {
    argument: { name: 'Authorization', value: authorization },
  })
}
