/** What goes wrong outside a protocol's own code, for the protocol to put in its own words. */
export type HttpFailureCode =
  | 'MalformedRequest'
  | 'MissingHost'
  /** Plain HTTP came where TLS is spoken. */
  | 'TlsExpected'
  | 'HeadersTooLarge'
  | 'HeadersTimeout'
  /** Too many requests are under way, and as many as may are waiting. */
  | 'ServerBusy'
  | 'ServerStopping'
  | 'InternalError'

/** One such failure, for one request. */
export type HttpFailure = {
  readonly code: HttpFailureCode
  readonly requestId: string
  /** For InternalError: what the protocol, or the body of its answer, threw. Already logged. */
  readonly cause?: unknown
}

/** The status that fits each failure, unless a protocol has its own. */
export const HTTP_FAILURE_STATUS: Readonly<Record<HttpFailureCode, number>> = {
  MalformedRequest: 400,
  MissingHost: 400,
  TlsExpected: 400,
  HeadersTooLarge: 431,
  HeadersTimeout: 408,
  ServerBusy: 503,
  ServerStopping: 503,
  InternalError: 500,
}
