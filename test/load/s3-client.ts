// A bounded S3 client for load: signed requests over node:http that keep the path exactly as
// written.
import { Agent, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import {
  SIGV4_ALGORITHM,
  canonicalQuery,
  canonicalRequest,
  createSigningKeyCache,
  formatScope,
  formatTimestamp,
  sha256Hex,
  sign,
  stringToSign,
} from '../../src/base/sigv4.ts'

export type S3Target = {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  /** How many connections are kept open at most. */
  readonly connections: number
}

export type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Already percent-encoded; sent and signed as it is. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array
}

export type S3Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type S3Client = {
  /** Resolves with any answer at all, rejects when the connection breaks before its end. */
  send(request: S3Request): Promise<S3Answer>
  close(): void
}

const REGION = 'us-east-1'
const NO_BYTES = new Uint8Array()
const signingKeys = createSigningKeyCache()
const REQUEST_TIMEOUT_MS = 60_000

export function openS3Client(target: S3Target): S3Client {
  const agent = new Agent({ keepAlive: true, maxSockets: target.connections })
  const { host, hostname, port } = new URL(target.endpoint)
  const send = async (request: S3Request): Promise<S3Answer> => {
    const query = queryText(request.query)
    const headers = signedHeaders(target, { ...request, host, query })
    const path = query === '' ? request.path : `${request.path}?${query}`
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { agent, hostname, port, method: request.method, path, headers },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const { statusCode = 0, headers: received } = answer
            resolve({ status: statusCode, headers: received, body: Buffer.concat(chunks) })
          })
        },
      )
      sent.setTimeout(REQUEST_TIMEOUT_MS, () => sent.destroy(new Error(`No answer: ${path}`)))
      sent.on('error', reject)
      sent.end(request.body)
    })
  }
  return { send, close: () => agent.destroy() }
}

function queryText(query: S3Request['query']): string {
  return canonicalQuery(defined(query).map(([name, value]) => ({ name, value })))
}

function defined(
  named: Readonly<Record<string, string | undefined>> = {},
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(named).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, value] as const]
  })
}

type ToSign = Omit<S3Request, 'query'> & { readonly host: string; readonly query: string }

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function signedHeaders(target: S3Target, request: ToSign): Record<string, string> {
  const timestamp = formatTimestamp(new Date())
  const body = request.body ?? NO_BYTES
  const payloadHash = sha256Hex(body)
  const headers = [
    ...defined(request.headers),
    ['host', request.host],
    ['x-amz-date', timestamp],
    ['x-amz-content-sha256', payloadHash],
    ['content-length', String(body.length)],
  ] as const
  const scope = { day: timestamp.slice(0, 8), region: REGION, service: 's3' }
  const { method, path: rawPath, query } = request
  const canonical = canonicalRequest({ method, rawPath, query, headers, payloadHash })
  const text = stringToSign({ timestamp, scope, canonicalRequest: canonical })
  const authorization = [
    `${SIGV4_ALGORITHM} Credential=${target.accessKey}/${formatScope(scope)}`,
    `SignedHeaders=${headers
      .map(([name]) => name)
      .toSorted()
      .join(';')}`,
    `Signature=${sign(signingKeys(target.secretKey, scope), text)}`,
  ].join(', ')
  return { ...Object.fromEntries(headers), authorization }
}
