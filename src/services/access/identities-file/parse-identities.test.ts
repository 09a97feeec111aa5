import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAccessError } from '../directory/access-error.ts'
import { parseIdentities } from './parse-identities.ts'

const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::logs/*' }],
}

const FILES = new Map([
  ['secrets/alice', 'the secret of alice\n'.replaceAll(' ', '-')],
  ['logs.json', JSON.stringify(POLICY)],
])

async function read(path: string): Promise<string> {
  const text = FILES.get(path)
  if (text === undefined) throw new Error(`there is no ${path}`)
  return text
}

const ALICE = {
  name: 'alice',
  tags: { team: 'search' },
  policies: ['logs', 'readonly'],
  keys: [{ accessKey: 'alice-1', secretKeyFile: 'secrets/alice', description: 'laptop' }],
}

const ACCOUNT = {
  id: '111122223333',
  displayName: 'research',
  canonicalId: 'ab'.repeat(32),
  email: 'research@example.org',
  keys: [{ accessKey: 'research-root', secretKey: 'a-root-secret' }],
  policies: [
    { name: 'logs', document: POLICY },
    { name: 'more-logs', file: 'logs.json' },
  ],
  groups: [{ name: 'auditors', members: ['alice'], policies: ['more-logs'] }],
  users: [ALICE],
}

/** What the file with these accounts is refused with. */
async function complaint(...accounts: readonly object[]): Promise<string> {
  const parsing = parseIdentities(JSON.stringify({ accounts }), read)
  return parsing.then(
    () => assert.fail('it was taken'),
    (error: unknown) => {
      assert.ok(isAccessError(error, 'MalformedIdentities'), String(error))
      return error.message
    },
  )
}

test('a whole file is read, with the files that it refers to', async () => {
  const { accounts } = await parseIdentities(JSON.stringify({ accounts: [ACCOUNT] }), read)
  const [account, ...others] = accounts
  assert.deepEqual(others, [])
  assert.deepEqual(account, {
    ...ACCOUNT,
    keys: [{ id: 'research-root', secret: 'a-root-secret', description: '' }],
    policies: [
      { name: 'logs', document: JSON.stringify(POLICY) },
      { name: 'more-logs', document: JSON.stringify(POLICY) },
    ],
    users: [
      {
        ...ALICE,
        tags: [['team', 'search']],
        keys: [{ id: 'alice-1', secret: 'the-secret-of-alice', description: 'laptop' }],
      },
    ],
  })
})

test('a file that declares nothing is one', async () => {
  assert.deepEqual(await parseIdentities('{}', read), { accounts: [] })
})

test('what is wrong is named with its place', async () => {
  const user = (change: object): object => ({ ...ACCOUNT, users: [{ ...ALICE, ...change }] })
  const key = (fields: object): object => user({ keys: [{ accessKey: 'a-key', ...fields }] })
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...ACCOUNT, id: '12' }, /^accounts\[0\]\.id is refused: "12" is no account id/],
    [{ ...ACCOUNT, nmae: 'x' }, /^accounts\[0\]\.nmae is unknown here/],
    [{ ...ACCOUNT, canonicalId: 'x' }, /^accounts\[0\]\.canonicalId is refused/],
    [user({ name: 'root' }), /^accounts\[0\]\.users\[0\]\.name is refused/],
    [user({ tags: { a: 1 } }), /^accounts\[0\]\.users\[0\]\.tags\.a must be a text/],
    [user({ policies: ['gone'] }), /^accounts\[0\]\.users\[0\]\.policies names "gone"/],
    [key({}), /^accounts\[0\]\.users\[0\]\.keys\[0\]\.secretKey or .*secretKeyFile must be given/],
    [key({ secretKey: 'a', secretKeyFile: 'b' }), /must be given, and not both/],
    [key({ secretKey: 'short' }), /^accounts\[0\]\.users\[0\]\.keys\[0\]\.secretKey is refused/],
    [key({ secretKeyFile: 'gone' }), /keys\[0\]\.secretKeyFile cannot be read: there is no gone/],
    [{ ...ACCOUNT, policies: [{ name: 'readonly' }] }, /policies\[0\]\.name is "readonly"/],
    [
      { ...ACCOUNT, policies: [{ name: 'logs', document: {} }] },
      /^accounts\[0\]\.policies\[0\]\.document is refused: /,
    ],
    [
      { ...ACCOUNT, groups: [{ name: 'g', members: ['bob'] }] },
      /^accounts\[0\]\.groups\[0\]\.members names "bob"/,
    ],
    [
      user({ policies: Array.from({ length: 21 }, (_, at) => `p${at}`) }),
      /^accounts\[0\]\.users\[0\]\.policies has 21 elements, 20 at most/,
    ],
    [{ ...ACCOUNT, users: [ALICE, ALICE] }, /^accounts\[0\]\.users has the name "alice" twice/],
  ]
  for (const [account, expected] of cases) assert.match(await complaint(account), expected)
  assert.match(await complaint(ACCOUNT, ACCOUNT), /^accounts has the id "111122223333" twice/)
  const copy = { ...ACCOUNT, id: '000000000000', canonicalId: 'cd'.repeat(32), email: 'x@y.org' }
  assert.match(await complaint(ACCOUNT, copy), /^accounts has the accessKey "research-root" twice/)
})

test('a secret is in no message', async () => {
  const account = { ...ACCOUNT, keys: [{ accessKey: 'a-key', secretKey: 'hush hush hush' }] }
  assert.doesNotMatch(await complaint(account), /hush/)
})

test('a text that is no JSON is refused', async () => {
  await assert.rejects(parseIdentities('accounts:', read), /The document is no JSON/)
})
