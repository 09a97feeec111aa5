// The near side of the thread: a statement goes there, its result comes back.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SqliteAnswer, SqliteRequest, SqliteResult, SqliteValue } from './sqlite-messages.ts'
import { TablesError, toTablesError } from './tables-error.ts'

/** A database in a thread of its own. Statements run one after the other, as they were given. */
export type SqliteThread = {
  /** @throws TablesError with any code */
  run(sql: string, parameters?: readonly SqliteValue[]): Promise<SqliteResult>
  /** What was asked before is done, and the thread has ended. */
  close(): Promise<void>
}

type Waiting = {
  readonly resolve: (result: SqliteResult) => void
  readonly reject: (error: Error) => void
}

/** @throws TablesError when the file cannot be opened; then no thread is left */
export async function startSqliteThread(path: string): Promise<SqliteThread> {
  // Options of the process, such as `--eval`, are not for the thread.
  const worker = new Worker(workerFile(), { execArgv: [] })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const waiting: Waiting[] = []
  let closed: TablesError | undefined
  const end = (error: TablesError): void => {
    closed ??= error
    for (const { reject } of waiting.splice(0)) reject(closed)
  }
  worker.on('message', (answer: SqliteAnswer) => {
    const first = waiting.shift()
    if ('result' in answer) first?.resolve(answer.result)
    else first?.reject(toTablesError(path, answer.failure))
  })
  worker.on('error', (cause) => {
    end(new TablesError('Failed', `The thread of the tables in ${path} ended. Restart.`, { cause }))
  })
  const ask = (request: SqliteRequest): Promise<SqliteResult> => {
    if (closed !== undefined) return Promise.reject(closed)
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is no window
      worker.postMessage(request)
    })
  }
  const thread: SqliteThread = {
    run: (sql, parameters = []) => ask({ kind: 'run', sql, parameters }),
    async close() {
      if (closed !== undefined) return
      const done = ask({ kind: 'close' })
      closed = new TablesError('Closed', `The tables in ${path} are closed.`)
      await done
      await ended
    },
  }
  await ask({ kind: 'open', path }).catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  return thread
}

/** Beside this file, and TypeScript or built as this one is. */
function workerFile(): URL {
  return new URL(`./run-sqlite${extname(import.meta.url)}`, import.meta.url)
}
