// Requests as values. Nothing in one was rewritten on its way: signatures cover what was sent.
import type { Visit } from './admission/admission.ts'
import type { Query } from './query.ts'

/** What a client asks, as it asked it. */
export type HttpRequest = {
  /** Unique; answered as the protocol's request id and written into every log line. */
  readonly id: string
  readonly method: string
  /**
   * The path exactly as it came over the wire: still encoded, dot segments and double slashes kept.
   */
  readonly rawPath: string
  /** What follows the first `?`, exactly as it came; empty when there is none. */
  readonly rawQuery: string
  readonly query: Query
  readonly headers: HttpHeaders
  /** The authority that the client addressed: `host` or `host:port`, lower case. */
  readonly host: string
  /** Bytes of the body as announced; `undefined` for a chunked transfer, 0 without a body. */
  readonly contentLength: number | undefined
  /**
   * The body without transfer encoding, to be read once; reading sends `100 Continue` where asked.
   * @throws RequestBodyError when the client goes away or stalls
   */
  readonly body: AsyncIterable<Uint8Array>
  /** The client's, even when it came through proxies that are trusted. */
  readonly remoteAddress: string
  /** Whether it came over TLS, here or to a proxy that is trusted. */
  readonly isSecure: boolean
  /** E.g. `1.3`; absent without TLS, and for what a proxy had. */
  readonly tlsVersion?: string
  /** What it takes up of the server's limits; a request that came through no server has none. */
  readonly visit?: Pick<Visit, 'countTo' | 'hold'>
  /** Aborts when the client goes away before the answer was sent. */
  readonly signal: AbortSignal
}

/**
 * By lower-case name, each field line by itself, one character per byte (latin1) as signatures see
 * it.
 */
export type HttpHeaders = { readonly [name: string]: readonly string[] | undefined }

/** The value of a header; several field lines become one list. @see RFC 9110 §5.3 */
export function findHeader(headers: HttpHeaders, name: string): string | undefined {
  const values = headers[name]
  if (values === undefined || values.length < 2) return values?.[0]
  return values.join(', ')
}

/** Why a body did not arrive. */
export type RequestBodyErrorCode =
  /** The connection ended before the body did. */
  | 'BodyIncomplete'
  /** Nothing, or too little, arrived for too long. */
  | 'BodyTimeout'

/** Thrown in the middle of a body that will not arrive whole. */
export class RequestBodyError extends Error {
  override readonly name = 'RequestBodyError'
  readonly code: RequestBodyErrorCode

  constructor(code: RequestBodyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The parts of the first line's target, as sent. */
export type RequestTarget = {
  readonly rawPath: string
  readonly rawQuery: string
  /** Present only in the absolute form, where it takes the place of the Host header. */
  readonly authority: string | undefined
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i

/**
 * The parts of a request target, unchanged. `*` and an empty path become `/`.
 * @see RFC 9112 §3.2 for the forms a target can have
 */
export function parseTarget(target: string): RequestTarget {
  const absolute = target.startsWith('/') ? null : ABSOLUTE_FORM.exec(target)
  const local = absolute === null ? target : target.slice(absolute[0].length)
  const question = local.indexOf('?')
  const rawPath = question === -1 ? local : local.slice(0, question)
  return {
    rawPath: rawPath === '' || rawPath === '*' ? '/' : rawPath,
    rawQuery: question === -1 ? '' : local.slice(question + 1),
    authority: absolute?.[1],
  }
}
