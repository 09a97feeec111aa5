/** Why the directory refused. Protocols map every code; nobody acts on messages. */
export type AccessErrorCode =
  // what was named is not there, or is there already
  | 'NoSuchAccount'
  | 'NoSuchUser'
  | 'NoSuchAccessKey'
  | 'NoSuchGroup'
  | 'NoSuchPolicy'
  | 'AccountExists'
  | 'UserExists'
  | 'AccessKeyExists'
  | 'GroupExists'
  // the request cannot be carried out as it stands
  | 'InvalidName'
  | 'MalformedPolicy'
  | 'MalformedIdentities'
  | 'LimitExceeded'
  // the state forbids it
  | 'AccountNotEmpty'
  | 'PolicyInUse'
  | 'ManagedByFile'
  | 'BuiltIn'
  // the tables cannot be asked, so nobody knows who may do what
  | 'DirectoryUnavailable'

/** The one error class of the directory: a code for programs, a sentence for people. */
export class AccessError extends Error {
  override readonly name = 'AccessError'
  readonly code: AccessErrorCode

  constructor(code: AccessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Is true for an error of the directory, of any of the given codes when some are given. */
export function isAccessError(
  error: unknown,
  ...codes: readonly AccessErrorCode[]
): error is AccessError {
  return error instanceof AccessError && (codes.length === 0 || codes.includes(error.code))
}
