/** Why tables refused. Whoever calls them translates; nobody acts on messages. */
export type TablesErrorCode =
  /** A row would break a rule of the schema, such as a name that is taken. */
  | 'ConstraintBroken'
  /** A newer Coffer wrote the file, or it is something else. */
  | 'UnknownFormat'
  /** Another process holds the file for too long. */
  | 'Busy'
  | 'DiskFull'
  | 'ReadOnly'
  | 'Damaged'
  /** The disk, or SQLite itself, failed. */
  | 'Failed'
  | 'Closed'

/** The one error class of tables: a code for programs, a sentence for people. */
export class TablesError extends Error {
  override readonly name = 'TablesError'
  readonly code: TablesErrorCode

  constructor(code: TablesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Is true for an error of tables, of any of the given codes when some are given. */
export function isTablesError(
  error: unknown,
  ...codes: readonly TablesErrorCode[]
): error is TablesError {
  return error instanceof TablesError && (codes.length === 0 || codes.includes(error.code))
}

/** @see https://www.sqlite.org/rescode.html, primary result codes */
const CODES: Readonly<Record<number, TablesErrorCode>> = {
  5: 'Busy',
  6: 'Busy',
  8: 'ReadOnly',
  11: 'Damaged',
  13: 'DiskFull',
  14: 'ReadOnly',
  19: 'ConstraintBroken',
  26: 'UnknownFormat',
}

/** What SQLite said, with its result code, extended or not. */
export type SqliteFailure = { readonly message: string; readonly resultCode: number | undefined }

const ADVICE: Readonly<Record<TablesErrorCode, string>> = {
  ConstraintBroken: 'Report it: the rows should have been checked before.',
  UnknownFormat: 'Move it away, or name another folder.',
  Busy: 'Stop the other process that writes to it.',
  DiskFull: 'Free some space on the disk.',
  ReadOnly: 'Give the user that runs Coffer read and write access to it.',
  Damaged: 'Restore it from a backup.',
  Failed: 'Check the disk.',
  Closed: 'Open them again.',
}

/** The error for what SQLite said about a file. */
export function toTablesError(path: string, { message, resultCode }: SqliteFailure): TablesError {
  const code = resultCode === undefined ? 'Failed' : (CODES[resultCode & 0xff] ?? 'Failed')
  return new TablesError(code, `The tables in ${path} fail: ${message}. ${ADVICE[code]}`)
}
