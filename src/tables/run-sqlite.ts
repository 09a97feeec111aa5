// The thread that SQLite runs in: a commit waits for the disk, and nothing else may wait with it.
import { DatabaseSync } from 'node:sqlite'
import { parentPort } from 'node:worker_threads'
import type { SqliteAnswer, SqliteRequest, SqliteResult } from './sqlite-messages.ts'

/** How long to wait for another process that writes to the same file. */
const BUSY_TIMEOUT_MS = 5000

const NOTHING: SqliteResult = { rows: [], changes: 0n }

let database: DatabaseSync | undefined

parentPort?.on('message', (request: SqliteRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window
  parentPort?.postMessage(answer(request))
  if (request.kind === 'close') parentPort?.close()
})

function answer(request: SqliteRequest): SqliteAnswer {
  try {
    return { result: carryOut(request) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { failure: { message, resultCode: resultCodeOf(error) } }
  }
}

function carryOut(request: SqliteRequest): SqliteResult {
  switch (request.kind) {
    case 'open':
      database = new DatabaseSync(request.path, { timeout: BUSY_TIMEOUT_MS })
      return NOTHING
    case 'run':
      return runStatement(request)
    case 'close':
      database?.close()
      return NOTHING
  }
}

function runStatement({
  sql,
  parameters,
}: Extract<SqliteRequest, { readonly kind: 'run' }>): SqliteResult {
  if (database === undefined) throw new Error('The database is not open')
  const statement = database.prepare(sql)
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0n }
  return { rows: [], changes: BigInt(statement.run(...parameters).changes) }
}

function resultCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code : undefined
}
