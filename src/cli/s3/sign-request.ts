/** Signature Version 4 of requests to an S3 endpoint: as headers, or within a URL. */
import {
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  type CredentialScope,
  encodeUri,
  formatScope,
  formatTimestamp,
  sign,
  SIGV4_ALGORITHM,
  stringToSign,
  UNSIGNED_PAYLOAD,
} from '../../base/sigv4.ts'
import type { S3Endpoint } from './endpoint.ts'

export type Unsigned = {
  readonly method: string
  readonly bucket?: string | undefined
  readonly key?: string | undefined
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly payloadHash: string
}

export type Signed = {
  /** With the query, as it must go over the wire. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

const signingKeys = createSigningKeyCache()

/** Every header that is given is signed. */
export function signRequest(endpoint: S3Endpoint, request: Unsigned, now: Date): Signed {
  const timestamp = formatTimestamp(now)
  const scope = scopeOf(endpoint, timestamp)
  const { accessKey, secretKey, sessionToken } = endpoint.keys
  const headers = {
    ...request.headers,
    host: new URL(endpoint.url).host,
    'x-amz-content-sha256': request.payloadHash,
    'x-amz-date': timestamp,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const rawPath = pathOf(endpoint, request)
  const query = canonicalQuery(toParameters(request.query))
  const canonical = canonicalRequest({
    ...request,
    rawPath,
    query,
    headers: Object.entries(headers),
  })
  const text = stringToSign({ timestamp, scope, canonicalRequest: canonical })
  const signature = sign(signingKeys(secretKey, scope), text)
  const names = Object.keys(headers).toSorted().join(';')
  const credential = `Credential=${accessKey}/${formatScope(scope)}`
  return {
    path: query === '' ? rawPath : `${rawPath}?${query}`,
    headers: {
      ...headers,
      authorization: `${SIGV4_ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}`,
    },
  }
}

export type Presigned = Pick<Unsigned, 'method' | 'bucket' | 'key' | 'query'> & {
  readonly expiresSeconds: number
}

/** A URL that anybody may use until it expires. @see S3 API Reference, "Query parameters" */
export function presign(endpoint: S3Endpoint, request: Presigned, now: Date): string {
  const timestamp = formatTimestamp(now)
  const scope = scopeOf(endpoint, timestamp)
  const { accessKey, secretKey, sessionToken } = endpoint.keys
  const { origin, host } = new URL(endpoint.url)
  const rawPath = pathOf(endpoint, request)
  const query = canonicalQuery(
    toParameters({
      ...request.query,
      'X-Amz-Algorithm': SIGV4_ALGORITHM,
      'X-Amz-Credential': `${accessKey}/${formatScope(scope)}`,
      'X-Amz-Date': timestamp,
      'X-Amz-Expires': String(request.expiresSeconds),
      'X-Amz-SignedHeaders': 'host',
      ...(sessionToken !== undefined && { 'X-Amz-Security-Token': sessionToken }),
    }),
  )
  const canonical = canonicalRequest({
    method: request.method,
    rawPath,
    query,
    headers: [['host', host]],
    payloadHash: UNSIGNED_PAYLOAD,
  })
  const text = stringToSign({ timestamp, scope, canonicalRequest: canonical })
  const signature = sign(signingKeys(secretKey, scope), text)
  return `${origin}${rawPath}?${query}&X-Amz-Signature=${signature}`
}

/** The key as a path: every segment encoded, the slashes as they are. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeUri).join('/')
}

function pathOf({ url }: S3Endpoint, { bucket, key }: Pick<Unsigned, 'bucket' | 'key'>): string {
  const { pathname } = new URL(url)
  const prefix = pathname === '/' ? '' : pathname
  if (bucket === undefined) return `${prefix}/`
  return `${prefix}/${encodeUri(bucket)}${key === undefined ? '' : `/${encodeKey(key)}`}`
}

function scopeOf({ region }: S3Endpoint, timestamp: string): CredentialScope {
  return { day: timestamp.slice(0, 8), region, service: 's3' }
}

function toParameters(
  query: Readonly<Record<string, string>>,
): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries(query).map(([name, value]) => ({ name, value }))
}
