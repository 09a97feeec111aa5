import {
  type CredentialScope,
  formatTimestamp,
  parseTimestamp,
  SIGV4_ALGORITHM,
  UNSIGNED_PAYLOAD,
} from '../../../base/sigv4.ts'
import { AuthenticationError, type AuthenticationErrorCode } from './authentication-error.ts'
import { parseHttpDate } from '../http-date.ts'
import { findParameter } from '../query.ts'
import { findHeader, type HttpRequest } from '../request.ts'

/** What a request says about its signature, before anything of it is believed. */
export type SignatureClaim = {
  readonly accessKey: string
  readonly scope: CredentialScope
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
    headers['authorization'] !== undefined ||
    SIGNING_PARAMETERS.some((name) => findParameter(query, name) !== undefined)
  )
}

const SIGNING_PARAMETERS = ['X-Amz-Algorithm', 'X-Amz-Signature', 'AWSAccessKeyId', 'Signature']

/** A week. @see S3 API Reference, "Authenticating Requests: Using Query Parameters" */
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60

/**
 * The claim in the Authorization header or in the query string.
 * @throws AuthenticationError `AuthenticationMissing`, `AuthenticationAmbiguous`,
 *   `AuthenticationUnsupported`, `AuthorizationHeaderMalformed`, `AuthorizationQueryMalformed`,
 *   `DateMissing`, `PayloadHashMissing`
 */
export function readSignatureClaim(request: HttpRequest): SignatureClaim {
  const authorization = findHeader(request.headers, 'authorization')
  const isPresigned =
    findParameter(request.query, 'X-Amz-Algorithm') !== undefined ||
    findParameter(request.query, 'X-Amz-Signature') !== undefined
  const isPresignedOld =
    findParameter(request.query, 'AWSAccessKeyId') !== undefined &&
    findParameter(request.query, 'Signature') !== undefined
  if (authorization !== undefined && (isPresigned || isPresignedOld)) {
    throw new AuthenticationError(
      'AuthenticationAmbiguous',
      'The request has an Authorization header and a signature in its query. Send only one.',
    )
  }
  if (isPresignedOld && !isPresigned) throw unsupported('AWS (version 2)')
  if (isPresigned) return readQuery(request)
  if (authorization !== undefined) return readHeader(request, authorization)
  throw new AuthenticationError('AuthenticationMissing', 'The request is not signed.')
}

function readHeader(request: HttpRequest, authorization: string): SignatureClaim {
  const space = authorization.indexOf(' ')
  const scheme = space === -1 ? authorization : authorization.slice(0, space)
  if (scheme !== SIGV4_ALGORITHM) throw unsupported(scheme)
  const fields = new Map(
    authorization
      .slice(space + 1)
      .split(',')
      .map((field) => field.trim())
      .map((field) => [
        field.slice(0, Math.max(0, field.indexOf('='))),
        field.slice(field.indexOf('=') + 1),
      ]),
  )
  const code = 'AuthorizationHeaderMalformed'
  const payloadHash = findHeader(request.headers, 'x-amz-content-sha256')
  const claim = {
    ...readCredential(fields.get('Credential'), code),
    signedHeaders: readSignedHeaders(fields.get('SignedHeaders'), code),
    signature: readSignature(fields.get('Signature'), code),
    ...readDate(request),
    expiresSeconds: undefined,
  }
  if (payloadHash === undefined) {
    throw new AuthenticationError(
      'PayloadHashMissing',
      'Missing required header for this request: x-amz-content-sha256',
    )
  }
  return { ...claim, payloadHash }
}

function readQuery({ query, headers }: HttpRequest): SignatureClaim {
  const code = 'AuthorizationQueryMalformed'
  if (findParameter(query, 'X-Amz-Algorithm') !== SIGV4_ALGORITHM) {
    throw new AuthenticationError(code, `X-Amz-Algorithm only supports "${SIGV4_ALGORITHM}".`)
  }
  const timestamp = findParameter(query, 'X-Amz-Date') ?? ''
  const signedAt = parseTimestamp(timestamp)
  if (signedAt === undefined) {
    throw new AuthenticationError(code, 'X-Amz-Date must be like "20130524T000000Z".')
  }
  return {
    ...readCredential(findParameter(query, 'X-Amz-Credential'), code),
    signedHeaders: readSignedHeaders(findParameter(query, 'X-Amz-SignedHeaders'), code),
    signature: readSignature(findParameter(query, 'X-Amz-Signature'), code),
    signedAt,
    timestamp,
    expiresSeconds: readExpires(findParameter(query, 'X-Amz-Expires')),
    payloadHash:
      findParameter(query, 'X-Amz-Content-Sha256') ??
      findHeader(headers, 'x-amz-content-sha256') ??
      UNSIGNED_PAYLOAD,
  }
}

/** An access key may hold slashes, so the scope is counted from the right. */
function readCredential(
  credential: string | undefined,
  code: AuthenticationErrorCode,
): Pick<SignatureClaim, 'accessKey' | 'scope'> {
  const parts = (credential ?? '').split('/')
  const [day = '', region = '', service = '', terminator] = parts.slice(-4)
  const accessKey = parts.slice(0, -4).join('/')
  const isComplete = accessKey !== '' && region !== '' && service !== ''
  if (!isComplete || !/^\d{8}$/.test(day) || terminator !== 'aws4_request') {
    throw new AuthenticationError(
      code,
      'The credential must be "<access key>/YYYYMMDD/<region>/<service>/aws4_request".',
    )
  }
  return { accessKey, scope: { day, region, service } }
}

function readSignedHeaders(
  list: string | undefined,
  code: AuthenticationErrorCode,
): readonly string[] {
  const names = (list ?? '').toLowerCase().split(';')
  if (names.includes('')) {
    throw new AuthenticationError(code, 'SignedHeaders must be names separated by semicolons.')
  }
  return names
}

function readSignature(signature: string | undefined, code: AuthenticationErrorCode): string {
  if (signature === undefined || signature === '') {
    throw new AuthenticationError(code, 'The signature is missing.')
  }
  return signature
}

function readExpires(text: string | undefined): number {
  const seconds = /^\d{1,9}$/.test(text ?? '') ? Number(text) : -1
  if (seconds < 0 || seconds > MAX_EXPIRES_SECONDS) {
    throw new AuthenticationError(
      'AuthorizationQueryMalformed',
      `X-Amz-Expires must be a number of seconds from 0 to ${MAX_EXPIRES_SECONDS}.`,
    )
  }
  return seconds
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

function unsupported(scheme: string): AuthenticationError {
  return new AuthenticationError(
    'AuthenticationUnsupported',
    `The authorization mechanism "${scheme}" is not supported. Please use ${SIGV4_ALGORITHM}.`,
  )
}
