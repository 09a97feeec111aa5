// Errors cross between threads as data; those whose class is known arrive as that class.
import type { SentError } from './messages.ts'

/** Makes an error of a class again. Its fields are those that the class gave it. */
export type ReviveError = (error: SentError) => Error

/** The classes that callers act on, by `Error.name`. */
export type ReviveErrors = Readonly<Record<string, ReviveError>>

/** The error as data. What is no error is described by one. */
export function sendError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {} }
  const { name, message, stack } = error
  const fields = Object.entries(error).filter(([, value]) => canCross(value))
  return { name, message, ...(stack && { stack }), fields: Object.fromEntries(fields) }
}

/** The error as its class, or as a plain one with its fields. */
export function receiveError(sent: SentError, revive: ReviveErrors): Error {
  const { name, message, stack, fields } = sent
  const known = revive[name]
  const error = known?.(sent) ?? Object.assign(new Error(message), { ...fields, name })
  // Where it was thrown says more than where it arrived.
  if (stack !== undefined) error.stack = stack
  return error
}

/** One field that cannot be cloned, such as a promise, would keep the whole batch from going. */
function canCross(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
