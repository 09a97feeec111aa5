/** Why a request is refused that would be carried out at another time. */
export type AdmissionErrorCode =
  /** The caller has too many requests under way. */
  | 'CallerBusy'
  /** The documents of requests under way take too much memory. */
  | 'MemoryBusy'

const MESSAGES: Readonly<Record<AdmissionErrorCode, string>> = {
  CallerBusy: 'The caller has too many requests under way. Wait for some to end.',
  MemoryBusy: 'Too many documents are being read at once. Try again in a moment.',
}

/** Nothing was done, and the same request may succeed a moment later. */
export class AdmissionError extends Error {
  override readonly name = 'AdmissionError'
  readonly code: AdmissionErrorCode

  constructor(code: AdmissionErrorCode) {
    super(MESSAGES[code])
    this.code = code
  }
}
