// Whether a request of Signature Version 4 is signed with a key, and what of it is covered.
import type { KeyObject } from 'node:crypto'
import {
  canonicalQuery,
  canonicalRequest,
  encodeUri,
  isSameSignature,
  sign,
  stringToSign,
} from '../../../base/sigv4.ts'
import type { PublicUrl } from '../proxy/public-url.ts'
import { decodePercent } from '../query.ts'
import type { HttpRequest } from '../request.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { SignatureClaim } from './signature-claim.ts'

/**
 * As on AWS, `host` and whatever begins with `x-amz-` is covered.
 * @throws AuthenticationError `HeaderUnsigned`
 */
export function assertHeadersSigned(
  { signedHeaders }: SignatureClaim,
  { headers }: HttpRequest,
): void {
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

type SigningKey = {
  readonly key: KeyObject
  readonly publicUrl: PublicUrl | undefined
}

/**
 * The request was signed with the key, as it arrived or as it was before a proxy changed it.
 * @throws AuthenticationError `SignatureMismatch`
 */
export function assertSignature(
  claim: SignatureClaim,
  request: HttpRequest,
  { key, publicUrl }: SigningKey,
): void {
  const [asSent, ...others] = signedForms(request, publicUrl)
  const expected = describeSigned(claim, request, asSent)
  if (isSameSignature(sign(key, expected.stringToSign), claim.signature)) return
  const isOther = others.some((form) => {
    const described = describeSigned(claim, request, form)
    return isSameSignature(sign(key, described.stringToSign), claim.signature)
  })
  if (isOther) return
  throw new AuthenticationError(
    'SignatureMismatch',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your key and signing method.',
    { ...expected, accessKey: claim.accessKey, signature: claim.signature },
  )
}

/** What a client may have signed that is the same request. */
type SignedForm = {
  readonly rawPath: string
  /** In place of the one that arrived. */
  readonly host?: string
}

/**
 * Behind a proxy, host and path were others when they were signed. At the public host every path
 * has its prefix and at no other: or a signature for a bucket named so would count for another.
 */
function signedForms(
  { rawPath, headers }: HttpRequest,
  publicUrl: PublicUrl | undefined,
): readonly [SignedForm, ...SignedForm[]] {
  const paths = encodings(rawPath)
  const arrived = paths.map((path) => ({ rawPath: path }))
  if (publicUrl === undefined) return [{ rawPath }, ...arrived.slice(1)]
  const { host, prefix } = publicUrl
  const published = paths.map((path) => ({ rawPath: prefix + path, host }))
  const isPublic = headers['host']?.[0]?.toLowerCase() === host
  return isPublic
    ? [{ rawPath: prefix + rawPath }, ...published]
    : [{ rawPath }, ...arrived.slice(1), ...published]
}

/** Some clients sign the path as AWS encodes it and send it otherwise; both name one key. */
function encodings(rawPath: string): readonly string[] {
  const encoded = encodePath(rawPath)
  return encoded === undefined || encoded === rawPath ? [rawPath] : [rawPath, encoded]
}

type Signed = { readonly canonicalRequest: string; readonly stringToSign: string }

function describeSigned(
  claim: SignatureClaim,
  { method, query, headers, host: addressed }: HttpRequest,
  { rawPath, host }: SignedForm,
): Signed {
  const parameters =
    claim.expiresSeconds === undefined
      ? query
      : query.filter(({ name }) => name !== 'X-Amz-Signature')
  const valueOf = (name: string): string => {
    if (name === 'host' && host !== undefined) return host
    // In the absolute form the target names the host, and a header that says otherwise is void.
    if (name === 'host' && headers['host']?.[0]?.toLowerCase() !== addressed) return addressed
    return (headers[name] ?? []).map((value) => value.trim()).join(',')
  }
  const canonical = canonicalRequest({
    method,
    rawPath,
    query: canonicalQuery(parameters),
    headers: claim.signedHeaders.map((name) => [name, valueOf(name)]),
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
