import type { HttpRequest } from './request.ts'

/** An answer as a value. */
export type HttpResponse = {
  readonly status: number
  /** Names in lower case. A `content-length` is kept to, or the connection is destroyed. */
  readonly headers: ResponseHeaders
  readonly body?: ResponseBody | undefined
  /** What logs and figures say of the request beside the usual. */
  readonly logFields?: RequestFacts | undefined
}

/** What a protocol has found out about a request; without secrets. */
export type RequestFacts = {
  /** One of few: figures are counted by it. */
  readonly operation?: string
  readonly bucket?: string
  readonly key?: string
  /** Who signed it, when that is known. */
  readonly account?: string
  readonly identity?: string
  /** One of docs/errors.md. */
  readonly errorCode?: string
  /** Why it was refused, in words for the operator. */
  readonly reason?: string
}

/** Values must be printable latin1: see `encodeHeaderText`. `undefined` ones are left out. */
export type ResponseHeaders = {
  readonly [name: string]: string | number | readonly string[] | undefined
}

/**
 * A chunk of an iterable belongs to the writer until it calls `next()`, which it does only when the
 * chunk has left the process. `return()` is called when the client goes away, or for HEAD.
 */
export type ResponseBody = string | Uint8Array | AsyncIterable<Uint8Array>

/** A request that is over, and what became of it. */
export type AnsweredRequest = {
  readonly request: HttpRequest
  readonly response: HttpResponse
  /** What of the request's body was taken in. */
  readonly receivedBytes: number
  /** What of the answer's body was sent. */
  readonly sentBytes: number
  /** Whether the client got everything, as far as this side can know. */
  readonly complete: boolean
  readonly durationMs: number
}
