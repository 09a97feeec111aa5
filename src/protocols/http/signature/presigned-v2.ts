// Presigned URLs of Signature Version 2, which boto3 still makes for us-east-1 unless it is told
// otherwise. Only what is needed to read with one: nobody should sign anything new this way.
// @see S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)"
import { createHmac, createSecretKey } from 'node:crypto'
import { isSameSignature } from '../../../base/sigv4.ts'
import { findParameter, type Query } from '../query.ts'
import { findHeader, type HttpHeaders, type HttpRequest } from '../request.ts'
import { AuthenticationError } from './authentication-error.ts'

/** What a presigned URL of version 2 says about itself. */
export type PresignedV2 = {
  readonly accessKey: string
  readonly signature: string
  readonly expiresAt: Date
  /** As it is signed: seconds since 1970. */
  readonly expires: string
}

/** Whether a query carries a signature of version 2. */
export function isPresignedV2(query: Query): boolean {
  return ['AWSAccessKeyId', 'Signature'].every((name) => findParameter(query, name) !== undefined)
}

/**
 * The claim of a presigned URL.
 * @throws AuthenticationError `AuthenticationUnsupported` for anything but reading,
 *   `PresignedUrlIncomplete`
 */
export function readPresignedV2({ method, query }: HttpRequest): PresignedV2 {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new AuthenticationError(
      'AuthenticationUnsupported',
      'Presigned URLs of signature version 2 are only for GET and HEAD. Please use ' +
        'AWS4-HMAC-SHA256.',
    )
  }
  const accessKey = findParameter(query, 'AWSAccessKeyId') ?? ''
  const signature = findParameter(query, 'Signature') ?? ''
  const expires = findParameter(query, 'Expires') ?? ''
  const expiresAt = new Date(Number(expires) * 1000)
  if (accessKey !== '' && signature !== '' && /^\d{1,12}$/.test(expires)) {
    return { accessKey, signature, expires, expiresAt }
  }
  throw new AuthenticationError(
    'PresignedUrlIncomplete',
    'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
  )
}

/**
 * The URL was signed with `secret`.
 * @throws AuthenticationError `SignatureMismatch`
 */
export function assertPresignedV2(
  claim: PresignedV2,
  { secret, text }: { readonly secret: string; readonly text: string },
): void {
  if (isSameSignature(signV2(secret, text), claim.signature)) return
  throw new AuthenticationError(
    'SignatureMismatch',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your key and signing method.',
    { accessKey: claim.accessKey, signature: claim.signature, stringToSign: text },
  )
}

/** The signature of a string in version 2, base64. */
export function signV2(secret: string, text: string): string {
  return createHmac('sha1', createSecretKey(Buffer.from(secret)))
    .update(text, 'latin1')
    .digest('base64')
}

/** Sub-resources and overrides, which the signature covers beside the path. */
const SIGNED_PARAMETERS: ReadonlySet<string> = new Set([
  'acl',
  'cors',
  'delete',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
])

/**
 * What version 2 signs of a request. `bucket` is the one that the host names, since the path is
 * signed as if it named it.
 */
export function stringToSignV2(
  request: HttpRequest,
  { expires, bucket }: { readonly expires: string; readonly bucket: string | undefined },
): string {
  const { method, headers, rawPath, query } = request
  const parameters = query
    .filter(({ name }) => SIGNED_PARAMETERS.has(name))
    .map(({ name, value }) => (value === '' ? name : `${name}=${utf8(value)}`))
    .toSorted()
  const path = bucket === undefined ? rawPath : `/${bucket}${rawPath}`
  return [
    method,
    findHeader(headers, 'content-md5') ?? '',
    findHeader(headers, 'content-type') ?? '',
    expires,
    ...amazonHeaders(headers),
    parameters.length === 0 ? path : `${path}?${parameters.join('&')}`,
  ].join('\n')
}

function amazonHeaders(headers: HttpHeaders): readonly string[] {
  return Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-'))
    .toSorted()
    .map((name) => `${name}:${(headers[name] ?? []).map((value) => value.trim()).join(',')}`)
}

/** One character per byte, as the rest of the string has. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
