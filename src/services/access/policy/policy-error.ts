/** What is wrong with the text of a policy. */
export type PolicyErrorCode =
  | 'TooLarge'
  | 'NotJson'
  | 'InvalidElement'
  | 'InvalidPrincipal'
  | 'InvalidAction'
  | 'InvalidResource'
  | 'InvalidCondition'

/** A text that is no policy: the message names the statement and says what to change. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode

  constructor(code: PolicyErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}
