// Signature Version 4 of a request, in its header or its URL. Who may do what is decided elsewhere.
import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import {
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  encodeUri,
  formatScope,
  isSameSignature,
  sign,
  stringToSign,
} from '../../../base/sigv4.ts'
import { AuthenticationError } from './authentication-error.ts'
import { type PayloadSeal, readPayloadSeal } from './payload-seal.ts'
import { decodePercent } from '../query.ts'
import type { HttpRequest } from '../request.ts'
import { readSignatureClaim, type SignatureClaim } from './signature-claim.ts'

/** Where an authenticator gets what it compares with. */
export type AuthenticatorOptions = {
  /** The secret of an access key; `undefined` when nobody has that key. */
  readonly findSecret: (accessKey: string) => Promise<string | undefined> | string | undefined
  readonly clock: Clock
  /** The only region accepted in signatures; any when absent. */
  readonly region?: string | undefined
  /** The service that signatures must be made for. */
  readonly service?: string
}

/** Who signed the request, and what the signature says about its body. */
export type Authentication = {
  readonly accessKey: string
  readonly isPresigned: boolean
  readonly signedAt: Date
  readonly region: string
  readonly payload: PayloadSeal
}

/** @throws AuthenticationError with any of its codes */
export type Authenticator = (request: HttpRequest) => Promise<Authentication>

/** How far the clocks may be apart. @see S3 API Reference, RequestTimeTooSkewed */
const MAX_SKEW_MS = 15 * 60 * 1000

/** An authenticator that remembers the signing keys that it derived. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { findSecret, clock, service = 's3' } = options
  const signingKey = createSigningKeyCache()
  return async (request) => {
    const claim = readSignatureClaim(request)
    assertScope(claim, { region: options.region, service })
    assertTime(claim, clock.now())
    assertHeadersSigned(claim, request)
    const secret = await findSecret(claim.accessKey)
    if (secret === undefined) {
      throw new AuthenticationError('AccessKeyUnknown', 'The access key does not exist.', {
        accessKey: claim.accessKey,
      })
    }
    const key = signingKey(secret, claim.scope)
    assertSignature(claim, request, key)
    return {
      accessKey: claim.accessKey,
      isPresigned: claim.expiresSeconds !== undefined,
      signedAt: claim.signedAt,
      region: claim.scope.region,
      payload: readPayloadSeal(claim.payloadHash, {
        key,
        timestamp: claim.timestamp,
        scope: formatScope(claim.scope),
        seedSignature: claim.signature,
      }),
    }
  }
}

type ExpectedScope = { readonly region: string | undefined; readonly service: string }

function assertScope(claim: SignatureClaim, { region, service }: ExpectedScope): void {
  const { scope, timestamp } = claim
  const code =
    claim.expiresSeconds === undefined
      ? 'AuthorizationHeaderMalformed'
      : 'AuthorizationQueryMalformed'
  if (region !== undefined && scope.region !== region) {
    const message = `The region "${scope.region}" is wrong; expecting "${region}".`
    throw new AuthenticationError(code, message, { region })
  }
  if (scope.service !== service) {
    const message = `The service "${scope.service}" is wrong; expecting "${service}".`
    throw new AuthenticationError(code, message)
  }
  if (!timestamp.startsWith(scope.day)) {
    const message = `The credential's day "${scope.day}" is not the day of the request's date.`
    throw new AuthenticationError(code, message)
  }
}

function assertTime({ signedAt, expiresSeconds }: SignatureClaim, nowMs: number): void {
  const checkedAt = new Date(nowMs)
  const aheadMs = signedAt.getTime() - nowMs
  if (expiresSeconds === undefined) {
    if (Math.abs(aheadMs) <= MAX_SKEW_MS) return
    const message = 'The difference between the request time and the current time is too large.'
    throw new AuthenticationError('ClockSkewed', message, { signedAt, checkedAt })
  }
  if (aheadMs > MAX_SKEW_MS) {
    const message = 'Request is not valid yet'
    throw new AuthenticationError('PresignedUrlNotYetValid', message, { signedAt, checkedAt })
  }
  const expiredAt = new Date(signedAt.getTime() + expiresSeconds * 1000)
  if (nowMs >= expiredAt.getTime()) {
    const details = { signedAt, expiredAt, checkedAt }
    throw new AuthenticationError('PresignedUrlExpired', 'Request has expired', details)
  }
}

/** As on AWS, `host` and whatever begins with `x-amz-` must be covered. */
function assertHeadersSigned({ signedHeaders }: SignatureClaim, { headers }: HttpRequest): void {
  const unsignedHeaders = Object.keys(headers).filter(
    (name) => (name.startsWith('x-amz-') || name === 'host') && !signedHeaders.includes(name),
  )
  if (!signedHeaders.includes('host') && headers['host'] === undefined) unsignedHeaders.push('host')
  if (unsignedHeaders.length === 0) return
  throw new AuthenticationError(
    'HeaderUnsigned',
    'There were headers present in the request which were not signed',
    { unsignedHeaders },
  )
}

function assertSignature(claim: SignatureClaim, request: HttpRequest, key: KeyObject): void {
  const asSent = describeSigned(claim, request, request.rawPath)
  if (isSameSignature(sign(key, asSent.stringToSign), claim.signature)) return
  // Some clients sign the path as AWS encodes it, and send it encoded otherwise; both name one key.
  const encoded = encodePath(request.rawPath)
  if (encoded !== undefined && encoded !== request.rawPath) {
    const asEncoded = describeSigned(claim, request, encoded)
    if (isSameSignature(sign(key, asEncoded.stringToSign), claim.signature)) return
  }
  throw new AuthenticationError(
    'SignatureMismatch',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your key and signing method.',
    { ...asSent, accessKey: claim.accessKey, signature: claim.signature },
  )
}

type Signed = { readonly canonicalRequest: string; readonly stringToSign: string }

function describeSigned(claim: SignatureClaim, request: HttpRequest, rawPath: string): Signed {
  const parameters =
    claim.expiresSeconds === undefined
      ? request.query
      : request.query.filter(({ name }) => name !== 'X-Amz-Signature')
  const canonical = canonicalRequest({
    method: request.method,
    rawPath,
    query: canonicalQuery(parameters),
    headers: claim.signedHeaders.map((name) => [
      name,
      (request.headers[name] ?? []).map((value) => value.trim()).join(','),
    ]),
    payloadHash: claim.payloadHash,
  })
  return {
    canonicalRequest: canonical,
    stringToSign: stringToSign({
      timestamp: claim.timestamp,
      scope: claim.scope,
      canonicalRequest: canonical,
    }),
  }
}

function encodePath(rawPath: string): string | undefined {
  const segments = rawPath.split('/').map(decodePercent)
  if (segments.includes(undefined)) return undefined
  return segments.map((segment) => encodeUri(segment ?? '')).join('/')
}
