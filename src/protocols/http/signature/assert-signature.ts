// Whether a request of Signature Version 4 is signed with a key, and what of it is covered.
import {
  canonicalQuery,
  canonicalRequest,
  encodeUri,
  isSameSignature,
  sign,
  type SigningKey,
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
  const unsignedHeaders: string[] = []
  for (const name in headers) {
    if (!name.startsWith('x-amz-') && name !== 'host') continue
    if (!signedHeaders.includes(name)) unsignedHeaders.push(name)
  }
  if (!signedHeaders.includes('host') && headers['host'] === undefined) unsignedHeaders.push('host')
  if (unsignedHeaders.length === 0) return
  throw new AuthenticationError(
    'HeaderUnsigned',
    'There were headers present in the request which were not signed',
    { unsignedHeaders },
  )
}

type SignedBy = {
  readonly key: SigningKey
  readonly publicUrl: PublicUrl | undefined
}

/**
 * The request was signed with the key, as it arrived or as it was before a proxy changed it.
 * @throws AuthenticationError `SignatureMismatch`
 */
export function assertSignature(
  claim: SignatureClaim,
  request: HttpRequest,
  { key, publicUrl }: SignedBy,
): void {
  let expected: Signed | undefined
  for (const form of signedForms(request, publicUrl)) {
    const described = describeSigned(claim, request, form)
    if (isSameSignature(sign(key, described.stringToSign), claim.signature)) return
    // The sender is shown how the request looks as it arrived.
    expected ??= described
  }
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
function* signedForms(
  { rawPath, headers }: HttpRequest,
  publicUrl: PublicUrl | undefined,
): Generator<SignedForm> {
  const isPublic = publicUrl !== undefined && headers['host']?.[0]?.toLowerCase() === publicUrl.host
  if (!isPublic) for (const path of encodings(rawPath)) yield { rawPath: path }
  if (publicUrl === undefined) return
  const { host, prefix } = publicUrl
  for (const path of encodings(rawPath)) yield { rawPath: prefix + path, host }
}

/** Some clients sign the path as AWS encodes it and send it otherwise; both name one key. */
function* encodings(rawPath: string): Generator<string> {
  yield rawPath
  const encoded = encodePath(rawPath)
  if (encoded !== undefined && encoded !== rawPath) yield encoded
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
