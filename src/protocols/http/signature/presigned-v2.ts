// Presigned URLs of Signature Version 2, which boto3 still makes for us-east-1 unless it is told
// otherwise. Only what is needed to read with one: nobody should sign anything new this way.
// @see S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)"
import { createHmac, createSecretKey } from 'node:crypto'
import { isSameSignature } from '../../../base/sigv4.ts'
import { findParameter, type Query } from '../query.ts'
import { findHeader, type HttpRequest } from '../request.ts'
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
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
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

/** What the signature does not cover and nobody gains by: the signature itself, and how to list. */
const FREE_PARAMETERS: ReadonlySet<string> = new Set([
  'AWSAccessKeyId',
  'Expires',
  'Signature',
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'key-marker',
  'list-type',
  'marker',
  'max-keys',
  'max-parts',
  'max-uploads',
  'part-number-marker',
  'prefix',
  'start-after',
  'upload-id-marker',
  'version-id-marker',
  'x-id',
])

/**
 * The query selects nothing that version 2 does not sign, so that a URL for an object does not show
 * its legal hold as well.
 * @throws AuthenticationError `AuthenticationUnsupported`
 */
export function assertParametersSigned({ query }: HttpRequest): void {
  const stray = query.find(
    ({ name }) =>
      !SIGNED_PARAMETERS.has(name) && !FREE_PARAMETERS.has(name) && !isAmazonHeader(name),
  )
  if (stray === undefined) return
  throw new AuthenticationError(
    'AuthenticationUnsupported',
    `Signature version 2 does not cover the parameter "${stray.name}". Please use AWS4-HMAC-SHA256.`,
  )
}

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
  const named = bucket === undefined ? rawPath : `/${bucket}${rawPath}`
  // A bucket is signed with a slash behind it, even where it was sent without.
  const path = named.includes('/', 1) || named === '/' ? named : `${named}/`
  return [
    method,
    findHeader(headers, 'content-md5') ?? '',
    findHeader(headers, 'content-type') ?? '',
    expires,
    ...amazonHeaders(request),
    parameters.length === 0 ? path : `${path}?${parameters.join('&')}`,
  ].join('\n')
}

/** Clients put headers into the query of a URL, where they are signed as headers all the same. */
function amazonHeaders({ headers, query }: HttpRequest): readonly string[] {
  const inQuery = query.filter(({ name }) => isAmazonHeader(name))
  const found = new Map(inQuery.map(({ name, value }) => [name.toLowerCase(), utf8(value)]))
  for (const [name, values = []] of Object.entries(headers)) {
    if (isAmazonHeader(name)) found.set(name, values.map((value) => value.trim()).join(','))
  }
  return [...found].map(([name, value]) => `${name}:${value}`).toSorted()
}

function isAmazonHeader(name: string): boolean {
  return name.toLowerCase().startsWith('x-amz-')
}

/** One character per byte, as the rest of the string has. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
