/** What goes wrong between the command line and a store: the store's refusals, and our own. */

type Refusal = { readonly code: string; readonly message: string; readonly isPassing?: boolean }

/** A store said no. `code` is the store's, as S3's documentation lists them. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal'
  readonly code: string
  /** Whether another attempt may fare better. */
  readonly isPassing: boolean

  constructor({ code, message, isPassing = false }: Refusal) {
    super(`${message} (${code})`)
    this.code = code
    this.isPassing = isPassing
  }
}

export type TransferErrorCode =
  | 'ConnectionFailed'
  | 'NotS3'
  | 'ObjectChanged'
  | 'FileChanged'
  | 'WrongBytes'
  | 'UnsafeKey'
  | 'TooLarge'
  | 'NothingThere'
  | 'Interrupted'
  | 'SomeFailed'

/** What we noticed ourselves, on the way to a store or back. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: TransferErrorCode

  constructor(code: TransferErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function isRefusal(error: unknown, ...codes: readonly string[]): error is S3Refusal {
  return error instanceof S3Refusal && codes.includes(error.code)
}
