// What Kysely needs to speak to the thread: https://kysely.dev/docs/dialects
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteValue } from './sqlite-messages.ts'
import type { SqliteThread } from './sqlite-thread.ts'

/** SQLite's dialect over a thread. Closing the thread is its owner's affair. */
export function createThreadDialect(thread: SqliteThread): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(thread),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createDriver(thread: SqliteThread): Driver {
  const connection = createConnection(thread)
  const turns = createTurns()
  const run = async (statement: string): Promise<void> => {
    await thread.run(statement)
  }
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      await turns.take()
      return connection
    },
    // The right to write comes first: what a transaction reads is then true until it ends.
    beginTransaction: () => run('begin immediate'),
    commitTransaction: () => run('commit'),
    // SQLite has rolled back by itself when the disk is full; what failed is thrown already.
    rollbackTransaction: () => run('rollback').catch(() => undefined),
    async releaseConnection() {
      turns.give()
    },
    destroy: () => Promise.resolve(),
  }
}

function createConnection(thread: SqliteThread): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely's types end here
      const values = parameters as readonly SqliteValue[]
      const { rows, changes } = await thread.run(sql, values)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- and begin again here
      return { rows: rows as Row[], numAffectedRows: changes }
    },
    streamQuery() {
      throw new Error('Rows of tables are not streamed: ask for them in pages.')
    },
  }
}

type Turns = { take(): Promise<void>; give(): void }

/** One connection, and so one transaction at a time; the others wait in the order they came. */
function createTurns(): Turns {
  const waiting: (() => void)[] = []
  let isTaken = false
  return {
    take() {
      if (isTaken) return new Promise((resolve) => waiting.push(resolve))
      isTaken = true
      return Promise.resolve()
    },
    give() {
      const next = waiting.shift()
      if (next === undefined) isTaken = false
      else next()
    },
  }
}
