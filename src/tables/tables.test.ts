import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdtemp,
  open as openFile,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { CompiledQuery } from 'kysely'
import { isTablesError, type TablesErrorCode } from './tables-error.ts'
import { openTables, type Tables } from './tables.ts'

const ACCOUNT = {
  id: '111122223333',
  canonicalId: 'c',
  displayName: 'research',
  email: null,
  managed: 0,
  createdAt: 1_700_000_000_000,
} as const

async function temporaryFile(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-tables-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'tables.sqlite')
}

async function open(context: TestContext, path: string): Promise<Tables> {
  const tables = await openTables({ path })
  context.after(() => tables.close())
  return tables
}

function refusal(code: TablesErrorCode): (error: unknown) => boolean {
  return (error) => isTablesError(error, code)
}

async function namesIn({ database }: Tables): Promise<readonly string[]> {
  const rows = await database.selectFrom('accounts').select('displayName').orderBy('id').execute()
  return rows.map(({ displayName }) => displayName)
}

test('rows come back as they were given, also after closing', async (context) => {
  const path = await temporaryFile(context)
  const first = await openTables({ path })
  await first.database.insertInto('accounts').values(ACCOUNT).execute()
  await first.close()
  const again = await open(context, path)
  assert.deepEqual(await again.database.selectFrom('accounts').selectAll().execute(), [ACCOUNT])
})

test('a commit is synced to the disk', async (context) => {
  const { database } = await open(context, await temporaryFile(context))
  const pragma = async (name: string): Promise<unknown> =>
    (await database.executeQuery(CompiledQuery.raw(`pragma ${name}`))).rows[0]
  assert.deepEqual(await pragma('synchronous'), { synchronous: 2 })
  assert.deepEqual(await pragma('journal_mode'), { journalMode: 'wal' })
})

test('a transaction that throws leaves nothing behind', async (context) => {
  const tables = await open(context, ':memory:')
  const broken = tables.database.transaction().execute(async (transaction) => {
    await transaction.insertInto('accounts').values(ACCOUNT).execute()
    throw new Error('after the first row')
  })
  await assert.rejects(broken, /after the first row/)
  assert.deepEqual(await namesIn(tables), [])
})

test('a statement that comes during a transaction waits for its end', async (context) => {
  const tables = await open(context, ':memory:')
  const { promise: goOn, resolve } = Promise.withResolvers<void>()
  const transaction = tables.database.transaction().execute(async (inside) => {
    await inside.insertInto('accounts').values(ACCOUNT).execute()
    await goOn
    await inside.updateTable('accounts').set({ displayName: 'changed' }).execute()
  })
  const names = namesIn(tables)
  resolve()
  await transaction
  assert.deepEqual(await names, ['changed'])
})

test('a row that breaks a rule of the schema is refused with its code', async (context) => {
  const { database } = await open(context, ':memory:')
  await database.insertInto('accounts').values(ACCOUNT).execute()
  const twin = database.insertInto('accounts').values({ ...ACCOUNT, id: '2' })
  await assert.rejects(twin.execute(), refusal('ConstraintBroken'))
  const orphan = { account: 'nobody', name: 'g', managed: 0, createdAt: 0 } as const
  const insertion = database.insertInto('groups').values(orphan)
  await assert.rejects(insertion.execute(), refusal('ConstraintBroken'))
})

test('two processes of one file see what the other has committed', async (context) => {
  const path = await temporaryFile(context)
  const one = await open(context, path)
  const other = await open(context, path)
  await one.database.insertInto('accounts').values(ACCOUNT).execute()
  assert.deepEqual(await namesIn(other), ['research'])
})

test('a copy has what was committed, and opens by itself', async (context) => {
  const path = await temporaryFile(context)
  const tables = await open(context, path)
  await tables.database.insertInto('accounts').values(ACCOUNT).execute()
  await tables.copyTo(`${path}.copy`)
  await tables.database.deleteFrom('accounts').execute()
  assert.deepEqual(await namesIn(await open(context, `${path}.copy`)), ['research'])
  await assert.rejects(tables.copyTo(`${path}.copy`), { code: 'EEXIST' })
})

test('only the owner may read the files', async (context) => {
  const path = await temporaryFile(context)
  const tables = await open(context, path)
  await tables.database.insertInto('accounts').values(ACCOUNT).execute()
  await tables.copyTo(`${path}.copy`)
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.copy`]) {
    assert.equal((await stat(file)).mode & 0o777, 0o600, file)
  }
})

test('a file of a newer Coffer is refused and stays as it is', async (context) => {
  const path = await temporaryFile(context)
  await (await openTables({ path })).close()
  const newer = new DatabaseSync(path)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  await assert.rejects(openTables({ path }), (error) => {
    return refusal('UnknownFormat')(error) && /version 99; this Coffer knows 1/.test(String(error))
  })
})

test('a file of somebody else is refused and stays as it is', async (context) => {
  const path = await temporaryFile(context)
  const foreign = new DatabaseSync(path)
  foreign.exec('CREATE TABLE other (x)')
  foreign.close()
  const before = await readFile(path)
  await assert.rejects(openTables({ path }), refusal('UnknownFormat'))
  assert.ok(before.equals(await readFile(path)))
  await writeFile(path, 'This is a text and no database. '.repeat(100))
  await assert.rejects(openTables({ path }), refusal('UnknownFormat'))
})

test('a damaged file is refused', async (context) => {
  const path = await temporaryFile(context)
  await (await openTables({ path })).close()
  await truncate(path, 8192)
  await assert.rejects(openTables({ path }), refusal('Damaged'))
})

test('a check finds damage, and nothing where there is none', async (context) => {
  const path = await temporaryFile(context)
  const sound = await openTables({ path })
  assert.deepEqual(await sound.check(), [])
  await sound.close()
  await damageLastPage(path)
  const problems = await (await open(context, path)).check()
  assert.notEqual(problems.length, 0)
  assert.match(problems.join(), /page/)
})

async function damageLastPage(path: string): Promise<void> {
  const { size } = await stat(path)
  const file = await openFile(path, 'r+')
  await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, size - 4096)
  await file.close()
}

test('closed tables refuse', async () => {
  const tables = await openTables({ path: ':memory:' })
  await tables.close()
  await assert.rejects(namesIn(tables), /destroyed|closed/)
})

test('what was committed survives a kill', { timeout: 60_000 }, async (context) => {
  const path = await temporaryFile(context)
  const child = spawn(
    process.execPath,
    ['--input-type=module-typescript', '--eval', WRITE_FOR_EVER, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  context.after(() => child.kill('SIGKILL'))
  let acknowledged = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (acknowledged === 50) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  const names = await namesIn(await open(context, path))
  assert.ok(acknowledged >= 50)
  assert.ok(names.length >= acknowledged, `${names.length} rows, ${acknowledged} acknowledged`)
  assert.deepEqual(
    names,
    names.map((_, count) => `account ${count + 1}`),
  )
})

/** Commits accounts one by one, and prints the number of each when it is committed. */
const WRITE_FOR_EVER = `
import { openTables } from '${new URL('tables.ts', import.meta.url).href}'
const { database } = await openTables({ path: process.argv[1] })
for (let count = 1; ; count++) {
  const id = String(count).padStart(12, '0')
  const row = { id, canonicalId: id, email: null, managed: 0, createdAt: 0 }
  await database.insertInto('accounts').values({ ...row, displayName: 'account ' + count }).execute()
  process.stdout.write(count + '\\n')
}
`
