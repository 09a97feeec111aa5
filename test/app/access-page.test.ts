/** docs/access.md: its examples are what Coffer takes, and its table is what there is. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ADMIN_OPERATIONS } from '../../src/protocols/admin/admin.ts'
import { parseIdentities } from '../../src/services/access/identities-file/parse-identities.ts'
import { parsePolicy } from '../../src/services/access/policy/parse-policy.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8')

const [identities = '', policy = ''] = Array.from(
  page.matchAll(/^```json\n(.*?)^```/gms),
  ([, example]) => example ?? '',
)

/** The files that the example refers to. */
async function readReferred(path: string, holds: 'secret' | 'policy'): Promise<string> {
  return holds === 'secret' ? `the secret in ${path}`.replaceAll(' ', '-') : policy
}

test('the identities file on the page can be applied', async () => {
  const { accounts } = await parseIdentities(identities, readReferred)
  const [account] = accounts
  assert.deepEqual(
    account?.users.map(({ name, keys }) => [name, keys.map(({ id }) => id)]),
    [['alice', ['alice-laptop', 'alice-batch']]],
  )
})

test('the policy on the page is one', () => {
  assert.equal(parsePolicy(policy, { kind: 'identity' }).statements.length, 1)
})

test('every operation of Coffer’s own API is on the page, with its method and path', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`/coffer/'))
  const listed = rows.flatMap((row) => {
    const [, where = '', actions = ''] = row.split('|')
    const path = /`([^`]+)`/.exec(where)?.[1]
    const methods = where.match(/[A-Z]{3,}/g) ?? []
    const names = Array.from(actions.matchAll(/`(\w+)`/g), ([, name]) => name)
    return methods.map((method, at) => `${names[at]} ${method} ${path}`)
  })
  const elsewhere = ['ReadChanges', 'Scrub', 'Compact', 'Backup']
  for (const name of elsewhere) assert.ok(page.includes(`\`${name}\``))
  const expected = ADMIN_OPERATIONS.filter(({ name }) => !elsewhere.includes(name))
  assert.deepEqual(
    listed.toSorted(),
    expected.map(({ name, method, path }) => `${name} ${method} ${path}`).toSorted(),
  )
})
