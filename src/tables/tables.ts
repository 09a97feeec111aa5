/** Small relational state, beside the objects: SQLite in a thread of its own. */
import { chmod, open } from 'node:fs/promises'
import { CamelCasePlugin, CompiledQuery, Kysely, type Transaction } from 'kysely'
import { migrate } from './migrations.ts'
import type { Schema } from './schema.ts'
import { startSqliteThread } from './sqlite-thread.ts'
import { isTablesError } from './tables-error.ts'
import { createThreadDialect } from './thread-dialect.ts'

/** Open tables. A commit is durable when it resolves; whoever opened them closes them. */
export type Tables = {
  /** Statements and transactions. They throw TablesError, of any code. */
  readonly database: TablesDatabase
  /** Reads everything and tells what is damaged, a sentence each; nothing when all is well. */
  check(): Promise<readonly string[]>
  /** A file holds the tables as they are at one moment; writes wait meanwhile. It must be new. */
  copyTo(path: string): Promise<void>
  /** Waits for the statements that were given before. */
  close(): Promise<void>
}

export type TablesDatabase = Kysely<Schema>

export type TablesTransaction = Transaction<Schema>

/** Where the tables lie; `:memory:` for those that end with the process. */
export type TablesOptions = { readonly path: string }

/** What SQLite calls a database without a file. */
export const IN_MEMORY = ':memory:'

/** The tables hold secrets. */
const OWNER_ONLY = 0o600

/**
 * The tables are open and have the newest schema. The file is made when it is missing; only its
 * owner may read it.
 * @throws TablesError `UnknownFormat` for a newer or foreign file, `ReadOnly`, `Damaged`, …
 */
export async function openTables({ path }: TablesOptions): Promise<Tables> {
  if (path !== IN_MEMORY) await makeFile(path, 'a')
  const thread = await startSqliteThread(path)
  try {
    await migrate(thread, path)
  } catch (error) {
    await thread.close()
    throw error
  }
  const database: TablesDatabase = new Kysely({
    dialect: createThreadDialect(thread),
    plugins: [new CamelCasePlugin()],
  })
  return {
    database,
    check: () => check(database),
    async copyTo(target) {
      await makeFile(target, 'wx')
      await database.executeQuery(CompiledQuery.raw('vacuum into ?', [target]))
      await syncFile(target)
    },
    async close() {
      await database.destroy()
      await thread.close()
    },
  }
}

async function check(database: TablesDatabase): Promise<readonly string[]> {
  try {
    const { rows } = await database.executeQuery<{ readonly integrityCheck: string }>(
      CompiledQuery.raw('pragma integrity_check'),
    )
    const said = rows.map(({ integrityCheck }) => integrityCheck)
    return said.filter((line) => line !== 'ok')
  } catch (error) {
    if (isTablesError(error, 'Damaged')) return ['it is too damaged to be read']
    throw error
  }
}

/** An empty file is a database without tables; SQLite gives its other files the same mode. */
async function makeFile(path: string, flags: 'a' | 'wx'): Promise<void> {
  const file = await open(path, flags, OWNER_ONLY)
  await file.close()
  await chmod(path, OWNER_ONLY)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
