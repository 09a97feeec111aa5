import type { LogFields } from '../../base/log.ts'

/** An answer as a value. */
export type HttpResponse = {
  readonly status: number
  /** Names in lower case. A `content-length` is kept to, or the connection is destroyed. */
  readonly headers: ResponseHeaders
  readonly body?: ResponseBody | undefined
  /** Called once, when the last byte was handed to the system or the client has gone away. */
  readonly onSent?: ((sent: SentResponse) => void) | undefined
  /** What the request's line in the log says beside the usual: operation, bucket, error code. */
  readonly logFields?: LogFields | undefined
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

/** What became of an answer. */
export type SentResponse = {
  readonly sizeBytes: number
  /** Whether the client got everything, as far as this side can know. */
  readonly complete: boolean
}
