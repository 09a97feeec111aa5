/** Every limit of the HTTP server. */
export type HttpLimits = {
  /** All header lines of a request together. Node's own default is 16 KiB. */
  readonly headerSizeBytes: number
  /** Those beyond it are closed at once. */
  readonly connections: number
  /** Requests under way at once; beyond it they wait, then they are refused. */
  readonly requests: number
  readonly requestsWaiting: number
  readonly requestWaitMs: number
  /** Requests under way of one access key, or of one address whose requests are not signed. */
  readonly requestsOfCaller: number
  /** What may wait of all bodies; beyond it, each is taken in chunk by chunk. */
  readonly inboxesSizeBytes: number
  /** What clients may leave in memory of answers that were made whole, such as lists. */
  readonly unsentSizeBytes: number
  /** What the documents of requests under way may take together: deletions, lists of parts. */
  readonly documentsSizeBytes: number
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number
  /** How long an idle connection is kept; SDK pools break when this is short (Node: 5 s). */
  readonly keepAliveMs: number
  /**
   * The longest silence in the middle of an upload. Node would limit its whole duration instead.
   */
  readonly bodyIdleMs: number
  /** The slowest upload, averaged over `bodyRateWindowMs` of waiting for the client. */
  readonly bodyMinBytesPerSecond: number
  readonly bodyRateWindowMs: number
  /** How long a client may take to accept one chunk of an answer. */
  readonly answerIdleMs: number
  /** How much of a body that nobody wanted is read, so that the connection can be used again. */
  readonly drainSizeBytes: number
  readonly drainMs: number
  /** How long a connection that was refused may go on sending, so that it can hear why. */
  readonly lingerMs: number
  /** How long after its last answer a server that stops still says no to those who come. */
  readonly stopQuietMs: number
  /** How long running requests may take to finish when the server stops. */
  readonly stopWithinMs: number
  /** How often stalled transfers are looked for. */
  readonly sweepMs: number
}

/** What holds where a server is not told otherwise. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headerSizeBytes: 32 * 1024,
  connections: 10_000,
  requests: 2048,
  requestsWaiting: 1024,
  requestWaitMs: 5_000,
  requestsOfCaller: 1024,
  inboxesSizeBytes: 64 * 1024 * 1024,
  unsentSizeBytes: 256 * 1024 * 1024,
  documentsSizeBytes: 64 * 1024 * 1024,
  headersTimeoutMs: 60_000,
  keepAliveMs: 90_000,
  bodyIdleMs: 60_000,
  bodyMinBytesPerSecond: 1024,
  bodyRateWindowMs: 60_000,
  answerIdleMs: 120_000,
  drainSizeBytes: 16 * 1024 * 1024,
  drainMs: 10_000,
  lingerMs: 1_000,
  stopQuietMs: 250,
  stopWithinMs: 30_000,
  sweepMs: 1_000,
}
