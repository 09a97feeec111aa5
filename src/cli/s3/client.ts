/** A small S3 client: signs, repeats what failed on the way, and gives refusals as errors. */
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { findChildText, parseXml, type XmlElement } from '../../base/xml.ts'
import { UNSIGNED_PAYLOAD } from '../../base/sigv4.ts'
import type { S3Endpoint } from './endpoint.ts'
import type { Payload } from './payload.ts'
import { S3Refusal, TransferError } from './s3-failure.ts'
import { openWire, type WireAnswer } from './send-request.ts'
import { signRequest } from './sign-request.ts'

export type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly bucket?: string
  readonly key?: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly payload?: Payload
  /** SHA-256 of the payload in hex; without one the payload is not signed. */
  readonly payloadHash?: string
  readonly maxAnswerBytes?: number
  readonly signal?: AbortSignal
}

export type S3Answer = { readonly headers: IncomingHttpHeaders; readonly bytes: Buffer }

export interface S3Client {
  readonly endpoint: S3Endpoint
  /** The answer, all of it. @throws S3Refusal; TransferError `ConnectionFailed`, `NotS3` */
  send(request: S3Request): Promise<S3Answer>
  /** The root of the document that is answered. @throws as `send` */
  ask(request: S3Request): Promise<XmlElement>
}

/** Enough for a page of a thousand of the longest keys. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
const ATTEMPTS = 4
const FIRST_WAIT_MS = 200

export function openS3(endpoint: S3Endpoint): S3Client {
  const wire = openWire(endpoint)
  const attempt = async (request: S3Request): Promise<S3Answer> => {
    const { method, bucket, key, payload, signal, maxAnswerBytes = MAX_DOCUMENT_BYTES } = request
    const unsigned = {
      method,
      bucket,
      key,
      query: defined(request.query),
      headers: defined(request.headers),
      payloadHash: request.payloadHash ?? UNSIGNED_PAYLOAD,
    }
    const signed = signRequest(endpoint, unsigned, new Date(systemClock.now()))
    const answer = await wire.send({ ...signed, method, payload, signal, maxAnswerBytes })
    if (answer.status >= 300) throw explainStatus(request, answer)
    return answer
  }
  const send = (request: S3Request): Promise<S3Answer> =>
    repeat(() => attempt(request), { endpoint, signal: request.signal })
  return {
    endpoint,
    send,
    async ask(request) {
      const { bytes } = await send(request)
      return parseAnswer(request, bytes)
    },
  }
}

async function repeat(
  attempt: () => Promise<S3Answer>,
  { endpoint, signal }: { endpoint: S3Endpoint; signal: AbortSignal | undefined },
): Promise<S3Answer> {
  for (let waitMs = FIRST_WAIT_MS, count = 1; ; count++, waitMs *= 4) {
    try {
      return await attempt()
    } catch (error) {
      signal?.throwIfAborted()
      if (count === ATTEMPTS || !isPassing(error)) throw explain(error, endpoint)
      await sleep(waitMs, undefined, signal === undefined ? {} : { signal })
    }
  }
}

const PASSING_CODES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
])

function isPassing(error: unknown): boolean {
  if (error instanceof S3Refusal) return error.isPassing
  return error instanceof Error && 'code' in error && PASSING_CODES.has(error.code)
}

const CONNECTION_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'the name could not be looked up',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; give it by AWS_CA_BUNDLE',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; give it by AWS_CA_BUNDLE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; give it by AWS_CA_BUNDLE',
}

function explain(error: unknown, { url }: S3Endpoint): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return error
  }
  const reason = CONNECTION_REASONS[error.code]
  if (reason === undefined && !PASSING_CODES.has(error.code)) return error
  return new TransferError('ConnectionFailed', `${url}: ${reason ?? error.message}.`, {
    cause: error,
  })
}

function parseAnswer(request: S3Request, bytes: Buffer): XmlElement {
  const root = findRoot(bytes)
  if (root === undefined) {
    throw new TransferError('NotS3', `What answers for ${nameOf(request)} is no S3 store.`)
  }
  if (root.name !== 'Error') return root
  // Copies and completed uploads may fail after their answer has begun as a good one.
  throw new S3Refusal({
    code: findChildText(root, 'Code') ?? 'InternalError',
    message: `${nameOf(request)}: ${findChildText(root, 'Message') ?? UNEXPLAINED}`,
  })
}

const UNEXPLAINED = 'it did not say why.'

function explainStatus(request: S3Request, { status, bytes }: WireAnswer): S3Refusal {
  const root = findRoot(bytes)
  const code = root && findChildText(root, 'Code')
  const said = root && findChildText(root, 'Message')
  const fallback = status === 404 && request.key === undefined ? 'NoSuchBucket' : CODES[status]
  return new S3Refusal({
    code: code ?? fallback ?? `HTTP ${status}`,
    message: `${nameOf(request)}: ${said ?? MESSAGES[fallback ?? ''] ?? UNEXPLAINED}`,
    isPassing: (status >= 500 && status !== 501) || status === 429,
  })
}

/** What a status means when no document explains it, as after HEAD. */
const CODES: Readonly<Record<number, string>> = {
  304: 'NotModified',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
}

const MESSAGES: Readonly<Record<string, string>> = {
  AccessDenied: 'these keys may not do that.',
  NoSuchKey: 'there is no such object.',
  NoSuchBucket: 'there is no such bucket.',
  PreconditionFailed: 'it is not what it was.',
  InvalidRange: 'the object ends before that range.',
}

function nameOf({ bucket, key }: S3Request): string {
  if (bucket === undefined) return 'the list of buckets'
  return key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`
}

function findRoot(bytes: Buffer): XmlElement | undefined {
  try {
    return parseXml(bytes)
  } catch {
    return undefined
  }
}

function defined(
  values: Readonly<Record<string, string | undefined>> = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
