// How a code of ours looks to a client.
export type ErrorAnswer = {
  /** As AWS spells it; clients act on it. */
  readonly code: string
  readonly status: number
  /** As AWS words it. Absent where the error's own message says more. */
  readonly message?: string
}

export function answer(status: number, code: string, message?: string): ErrorAnswer {
  return { status, code, ...(message !== undefined && { message }) }
}
