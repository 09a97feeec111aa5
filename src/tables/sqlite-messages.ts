// What the two sides of the thread say to each other; values that structured clones keep.
import type { SQLInputValue } from 'node:sqlite'
import type { SqliteFailure } from './tables-error.ts'

export type SqliteValue = SQLInputValue

export type SqliteRequest =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'run'; readonly sql: string; readonly parameters: readonly SqliteValue[] }
  | { readonly kind: 'close' }

export type SqliteResult = {
  readonly rows: readonly unknown[]
  /** How many rows a statement without rows of its own has changed. */
  readonly changes: bigint
}

/** Answers come in the order of the requests. */
export type SqliteAnswer = { readonly result: SqliteResult } | { readonly failure: SqliteFailure }
