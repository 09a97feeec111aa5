/** Tables as version 1 wrote them are read, and new ones are still laid out so. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Directory } from '../../src/services/access/directory/directory.ts'
import { openDirectory } from '../../src/services/access/directory/open-directory.ts'
import { openTables } from '../../src/tables/tables.ts'
import { temporaryFolder } from '../app/coffer-process.ts'

const GOLDEN = readFileSync(join(import.meta.dirname, '../fixtures/tables-v1.sql'), 'utf8')

async function goldenFile(context: TestContext): Promise<string> {
  const folder = await temporaryFolder((cleanUp) => context.after(cleanUp))
  const path = join(folder, 'golden.sqlite')
  const database = new DatabaseSync(path)
  database.exec(GOLDEN)
  database.close()
  return path
}

async function openGolden(context: TestContext): Promise<Directory> {
  const tables = await openTables({ path: await goldenFile(context) })
  const directory = await openDirectory({
    tables,
    rootKeys: { accessKey: 'root', secret: 'root-secret' },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  })
  context.after(async () => {
    directory.close()
    await tables.close()
  })
  return directory
}

/** What a file says of its version and its tables, however it is indented. */
function layoutOf(path: string): readonly string[] {
  const database = new DatabaseSync(path)
  const rows = ['user_version', 'application_id']
    .map((name) => database.prepare(`PRAGMA ${name}`).get())
    .concat(database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all())
  database.close()
  return rows.map((row) => JSON.stringify(row).replaceAll(/(\\n|\s)+/g, ' '))
}

test('a user of version 1 is who it was', async (context) => {
  const directory = await openGolden(context)
  const alice = await directory.findKey('ALICEKEY')
  assert.equal(alice?.secret, 'the-secret-of-alice')
  const { policies, ...caller } = alice.caller
  const account = '111122223333'
  const tags = [['team', 'search']]
  assert.deepEqual(caller, { kind: 'user', account, identity: 'alice', tags })
  assert.deepEqual(
    policies.map(({ source }) => source),
    ['policy readonly of user alice', 'policy logs of group auditors'],
  )
  assert.equal(await directory.findKey('OLDKEY'), undefined)
  assert.equal((await directory.findKey('ROOTKEY'))?.caller.kind, 'root')
})

test('records of version 1 have all that they had', async (context) => {
  const { accounts, users, owners } = await openGolden(context)
  const account = await accounts.get('111122223333')
  assert.deepEqual(
    [account.displayName, account.email, account.managed, account.createdAt.toISOString()],
    ['research', 'lab@example.org', true, '2026-01-02T03:04:05.000Z'],
  )
  assert.equal(owners.findByCanonicalId('cd'.repeat(32))?.id, '111122223333')
  const { keys } = await users.get({ account: '111122223333', name: 'alice' })
  assert.deepEqual(
    keys.map(({ id, enabled, managed, description }) => [id, enabled, managed, description]),
    [
      ['ALICEKEY', true, true, 'laptop'],
      ['OLDKEY', false, false, ''],
    ],
  )
})

test('new tables are laid out as version 1', async (context) => {
  const golden = await goldenFile(context)
  const path = `${golden}.new`
  await (await openTables({ path })).close()
  assert.deepEqual(layoutOf(path), layoutOf(golden))
})
