// S3 requests as text, signed with the hash of their payload as the stock clients do it.
import { hash, type KeyObject } from 'node:crypto'
import {
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  formatScope,
  formatTimestamp,
  SIGV4_ALGORITHM,
  sign,
  stringToSign,
} from '../../src/base/sigv4.ts'
import type { RawRequest } from './connection.ts'

export type S3Keys = {
  readonly url: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
}

export type Payload = { readonly bytes: Uint8Array; readonly sha256: string }

export type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Percent-encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: Payload
  readonly keepsBody?: boolean
}

export type Sign = (request: S3Request) => RawRequest

/** Bodies are hashed once and sent often, so that the generator is not what is measured. */
export function payloadOf(bytes: Uint8Array): Payload {
  return { bytes, sha256: hash('sha256', bytes, 'hex') }
}

const NO_PAYLOAD = payloadOf(new Uint8Array())

export function createSigner({ url, accessKey, secretKey, region }: S3Keys): Sign {
  const { host } = new URL(url)
  const keys = createSigningKeyCache()
  return (request) => {
    const { method, path: rawPath, payload = NO_PAYLOAD } = request
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
      `content-length: ${payload.bytes.length}`,
      `authorization: ${SIGV4_ALGORITHM} Credential=${accessKey}/${formatScope(scope)}, ` +
        `SignedHeaders=${names.join(';')}, Signature=${signature}`,
    ]
    return {
      head: `${head.join('\r\n')}\r\n\r\n`,
      body: payload.bytes.length === 0 ? undefined : payload.bytes,
      hasBody: method !== 'HEAD',
      keepsBody: request.keepsBody ?? false,
    }
  }
}

type ToSign = {
  readonly timestamp: string
  readonly scope: { readonly day: string; readonly region: string; readonly service: string }
  readonly canonical: Parameters<typeof canonicalRequest>[0]
}

function signCanonical(key: KeyObject, { timestamp, scope, canonical }: ToSign): string {
  const text = stringToSign({ timestamp, scope, canonicalRequest: canonicalRequest(canonical) })
  return sign(key, text)
}
