// S3 requests as text, signed with the hash of their payload as the stock clients do it.
import {
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  formatScope,
  formatTimestamp,
  SIGV4_ALGORITHM,
  sign,
  type SigningKey,
  stringToSign,
} from '../../src/base/sigv4.ts'
import type { RawRequest } from './connection.ts'
import { payloadOf, sizeOf } from './payload.ts'
import type { S3Request } from './s3-request.ts'

export type S3Keys = {
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
}

/** May be sent for 15 minutes, and again and again. @see AWS General Reference, "x-amz-date" */
export type Sign = (request: S3Request) => RawRequest

const NO_PAYLOAD = payloadOf(new Uint8Array())

export function createSigner({ url, accessKey, secretKey, region }: S3Keys): Sign {
  const { host } = new URL(url)
  const keys = createSigningKeyCache()
  return (request) => {
    const { method, path: rawPath, payload = NO_PAYLOAD, answer } = request
    const timestamp = formatTimestamp(new Date())
    const scope = { day: timestamp.slice(0, 8), region, service: 's3' }
    const query = canonicalQuery(
      Object.entries(request.query ?? {}).map(([name, value]) => ({ name, value })),
    )
    const headers: readonly (readonly [string, string])[] = [
      ['host', host],
      ['x-amz-content-sha256', payload.sha256],
      ['x-amz-date', timestamp],
      ...Object.entries(request.headers ?? {}),
    ]
    const canonical = { method, rawPath, query, headers, payloadHash: payload.sha256 }
    const signature = signCanonical(keys(secretKey, scope), { timestamp, scope, canonical })
    const names = headers.map(([name]) => name).toSorted()
    const head = [
      `${method} ${rawPath}${query === '' ? '' : `?${query}`} HTTP/1.1`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `content-length: ${sizeOf(payload)}`,
      `authorization: ${SIGV4_ALGORITHM} Credential=${accessKey}/${formatScope(scope)}, ` +
        `SignedHeaders=${names.join(';')}, Signature=${signature}`,
      '\r\n',
    ]
    return {
      head: head.join('\r\n'),
      body: sizeOf(payload) === 0 ? [] : Array<Uint8Array>(payload.times).fill(payload.bytes),
      hasBody: method !== 'HEAD',
      keepsBody: request.keepsBody ?? answer?.judge !== undefined,
      content: method === 'GET' ? answer?.object?.bytes : undefined,
    }
  }
}

type ToSign = {
  readonly timestamp: string
  readonly scope: { readonly day: string; readonly region: string; readonly service: string }
  readonly canonical: Parameters<typeof canonicalRequest>[0]
}

function signCanonical(key: SigningKey, { timestamp, scope, canonical }: ToSign): string {
  const text = stringToSign({ timestamp, scope, canonicalRequest: canonicalRequest(canonical) })
  return sign(key, text)
}
