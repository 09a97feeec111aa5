import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, test, type TestContext } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { systemRandom } from '../../base/random.ts'
import { DEFAULT_ACCOUNT_ID } from '../../services/access/caller.ts'
import { createDecide } from '../../services/access/decide.ts'
import { openDirectory } from '../../services/access/directory/open-directory.ts'
import type { Origin } from '../../storage/change-feed.ts'
import type { Maintenance } from '../../storage/maintenance.ts'
import { openMemoryStore } from '../../storage/memory/memory-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { Storage } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { openTables } from '../../tables/tables.ts'
import { AuthenticationError } from '../http/signature/authentication-error.ts'
import { parseQuery } from '../http/query.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import { createAdmin, type Admin, type AdminOptions } from './admin.ts'

const NOBODY: Origin = {
  account: 'a',
  identity: 'i',
  requestId: 'r',
  sourceAddress: '',
  userAgent: '',
  ancestry: [],
}

async function storeWith(context: TestContext, ...buckets: string[]): Promise<ObjectStore> {
  const store = await openMemoryStore()
  context.after(() => store.close())
  for (const name of buckets) {
    await store.buckets.create(name, { origin: NOBODY, owner: 'a', objectLock: false })
  }
  return store
}

const ROOT_KEY = 'root'

const tables = await openTables({ path: ':memory:' })
const directory = await openDirectory({
  tables,
  rootKeys: { accessKey: ROOT_KEY, secret: 'root-secret' },
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
})
const store = await openMemoryStore()
const storage = new Storage(store, { clock: systemClock })

after(async () => {
  directory.close()
  await tables.close()
  await storage.close()
})

/** The API as it answers whoever signs with a key. */
function adminOf(options: Partial<AdminOptions>, accessKey: string = ROOT_KEY): Admin {
  return createAdmin({
    changes: undefined,
    maintenance: undefined,
    program: { version: '0.0.0', startedAt: new Date(0), threads: 1 },
    directory,
    buckets: storage.buckets,
    decide: createDecide({ storage, accounts: directory.owners }),
    clock: systemClock,
    log: silentLog,
    stopping: new AbortController().signal,
    authenticate: async () => ({
      accessKey,
      isPresigned: false,
      signedAt: new Date(0),
      version: 'AWS4-HMAC-SHA256',
      payload: { kind: 'unsigned' },
    }),
    ...options,
  })
}

function requestFor(method: string, target: string, body: string = ''): HttpRequest {
  const [rawPath = '', rawQuery = ''] = target.split('?')
  return {
    id: 'REQUEST',
    method,
    rawPath,
    rawQuery,
    query: parseQuery(rawQuery),
    headers: {},
    host: 'localhost',
    contentLength: Buffer.byteLength(body),
    body: Readable.from([Buffer.from(body)]),
    remoteAddress: '127.0.0.1',
    isSecure: false,
    signal: new AbortController().signal,
  }
}

/** Every line of an answer, parsed. */
async function linesOf(response: HttpResponse): Promise<readonly unknown[]> {
  const { body = '' } = response
  const whole = typeof body === 'string' ? body : await text(Readable.from(body))
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))
}

test('only a caller whom the default account allows it may call', async () => {
  const { id: otherRoot } = await directory.keys.create({
    account: (await directory.accounts.create({})).id,
  })
  for (const accessKey of ['gone', otherRoot]) {
    const refused = await adminOf({}, accessKey)(requestFor('GET', '/coffer/accounts'))
    assert.equal(refused.status, 403)
    assert.match(JSON.stringify(await linesOf(refused)), /coffer:ListAccounts/)
  }
  const unsigned = adminOf({
    authenticate: () =>
      Promise.reject(
        new AuthenticationError('AuthenticationMissing', 'The request is not signed.'),
      ),
  })
  const refused = await unsigned(requestFor('GET', '/coffer/changes'))
  assert.equal(refused.status, 403)
  const message = 'The request is not signed.'
  const error = { code: 'AuthenticationMissing', message, requestId: 'REQUEST' }
  assert.deepEqual(await linesOf(refused), [{ error }])
})

test('what is not there is answered with what is', async () => {
  const answer = await adminOf({})(requestFor('GET', '/coffer/scrub'))
  assert.equal(answer.status, 404)
  assert.match(JSON.stringify(await linesOf(answer)), /POST \/coffer\/scrub/)
})

test('a store without feed or upkeep refuses, and does not pretend', async () => {
  const admin = adminOf({})
  assert.equal((await admin(requestFor('GET', '/coffer/changes'))).status, 501)
  assert.equal((await admin(requestFor('POST', '/coffer/scrub'))).status, 501)
})

test('changes come as lines whose sequence is the next cursor', async (context) => {
  const { changes } = await storeWith(context, 'first', 'second')
  const admin = adminOf({ changes })
  const [first, second] = await linesOf(await admin(requestFor('GET', '/coffer/changes')))
  assert.ok(typeof first === 'object' && first !== null && 'sequence' in first)
  const target = `/coffer/changes?after=${String(first.sequence)}`
  assert.deepEqual(await linesOf(await admin(requestFor('GET', target))), [second])
})

test('an expired cursor is gone, and what is no cursor is a bad request', async (context) => {
  const { changes } = await storeWith(context, 'first', 'second')
  assert.ok(changes !== undefined)
  await changes.trim(await changes.head())
  const admin = adminOf({ changes })
  const expired = `/coffer/changes?after=${'0'.repeat(16)}`
  assert.equal((await admin(requestFor('GET', expired))).status, 410)
  assert.equal((await admin(requestFor('GET', '/coffer/changes?after=now'))).status, 400)
})

test('a reader who follows is let go when the server stops', async (context) => {
  const { changes } = await storeWith(context, 'first')
  const stopping = new AbortController()
  const admin = adminOf({ changes, stopping: stopping.signal })
  const lines = linesOf(await admin(requestFor('GET', '/coffer/changes?follow=true')))
  setTimeout(() => stopping.abort(), 5)
  assert.equal((await lines).length, 1)
})

test('a stream that fails ends with an error line', async () => {
  const maintenance: Maintenance = {
    async *scrub() {
      yield { event: 'finding', kind: 'bytes', message: 'A bit is wrong.', objects: [] }
      throw new StorageError('Closed', 'The store is closed.')
    },
    compact: () => Promise.reject(new Error('unused')),
    backup: () => Promise.reject(new Error('a secret path')),
    describe: () => Promise.reject(new Error('unused')),
  }
  const admin = adminOf({ maintenance })
  const scrubbed = await linesOf(await admin(requestFor('POST', '/coffer/scrub')))
  const closed = { code: 'Closed', message: 'The store is closed.', requestId: 'REQUEST' }
  assert.deepEqual(scrubbed.at(-1), { error: closed })
  assert.equal(scrubbed.length, 3)
  const backedUp = await linesOf(await admin(requestFor('POST', '/coffer/backup?target=/b')))
  assert.match(JSON.stringify(backedUp.at(-1)), /InternalError.*REQUEST/)
  assert.doesNotMatch(JSON.stringify(backedUp), /secret/)
  const relative = requestFor('POST', '/coffer/backup?target=b')
  assert.equal((await admin(relative)).status, 400)
})

test('a user may do what its policies allow, and nothing else', async () => {
  const { users, keys, policies } = directory
  const user = { account: DEFAULT_ACCOUNT_ID, name: 'operator' }
  await users.create(user)
  const Statement = { Effect: 'Allow', Action: 'coffer:List*', Resource: '*' }
  const document = JSON.stringify({ Version: '2012-10-17', Statement })
  await policies.put({ ...user, name: 'lists', document })
  await policies.attach({ ...user, name: 'lists', to: { kind: 'user', name: user.name } })
  const admin = adminOf({}, (await keys.create({ ...user, user: user.name })).id)
  assert.equal((await admin(requestFor('GET', '/coffer/accounts'))).status, 200)
  assert.equal((await admin(requestFor('GET', '/coffer/user?name=operator'))).status, 403)
  assert.equal((await admin(requestFor('POST', '/coffer/scrub'))).status, 403)
})

/** What the API answers to the root: its status and its one value. */
async function ask(
  method: string,
  target: string,
  body?: object | string,
): Promise<readonly [number, unknown]> {
  const sent = typeof body === 'object' ? JSON.stringify(body) : body
  const answer = await adminOf({})(requestFor(method, target, sent))
  const [value] = await linesOf(answer)
  return [answer.status, value]
}

async function codeFor(...asked: Parameters<typeof ask>): Promise<string> {
  const [status, value] = await ask(...asked)
  const [, code] = /"code":"(\w+)"/.exec(JSON.stringify(value)) ?? []
  return `${status} ${code}`
}

test('records are made, shown, listed and deleted', async () => {
  const [, account] = await ask('POST', '/coffer/accounts', { id: '111122223333' })
  assert.deepEqual(await ask('GET', '/coffer/account?id=111122223333'), [200, account])
  const query = 'account=111122223333'
  const tags = { team: 'search' }
  assert.equal((await ask('POST', `/coffer/users?${query}`, { name: 'alice', tags }))[0], 200)
  assert.equal((await ask('POST', `/coffer/groups?${query}`, { name: 'readers' }))[0], 200)
  const member = `/coffer/group/member?${query}&name=readers&user=alice`
  assert.deepEqual(await ask('PUT', member), [200, {}])
  const attachment = `/coffer/policy/attachment?${query}&name=readonly&group=readers`
  assert.deepEqual(await ask('PUT', attachment), [200, {}])
  const [, group] = await ask('GET', `/coffer/group?${query}&name=readers`)
  assert.match(JSON.stringify(group), /"members":\["alice"\],"policies":\["readonly"\]/)
  const [, user] = await ask('GET', `/coffer/user?${query}&name=alice`)
  assert.match(JSON.stringify(user), /"tags":\[\["team","search"\]\].*"groups":\["readers"\]/)
  assert.deepEqual(await ask('DELETE', attachment), [200, {}])
  assert.deepEqual(await ask('DELETE', member), [200, {}])
  assert.deepEqual(await ask('DELETE', `/coffer/group?${query}&name=readers`), [200, {}])
  assert.deepEqual(await ask('DELETE', `/coffer/user?${query}&name=alice`), [200, {}])
  assert.deepEqual(await ask('GET', `/coffer/users?${query}`), [200, { users: [] }])
  assert.deepEqual(await ask('DELETE', '/coffer/account?id=111122223333'), [200, {}])
  assert.equal(await codeFor('GET', '/coffer/account?id=111122223333'), '404 NoSuchAccount')
})

test('an account that owns buckets stays, for whoever takes its id would own them', async () => {
  await ask('POST', '/coffer/accounts', { id: '222233334444' })
  const owner = { origin: NOBODY, owner: '222233334444', objectLock: false }
  await storage.buckets.create('kept', owner)
  const target = '/coffer/account?id=222233334444'
  assert.equal(await codeFor('DELETE', target), '409 AccountNotEmpty')
  await storage.buckets.delete('kept', owner)
  assert.deepEqual(await ask('DELETE', target), [200, {}])
})

test('a secret is told once, when its key is made', async () => {
  await directory.users.create({ account: DEFAULT_ACCOUNT_ID, name: 'carol' })
  const [, key] = await ask('POST', '/coffer/keys', { user: 'carol', secret: 'carols-secret' })
  assert.match(JSON.stringify(key), /carols-secret/)
  for (const target of ['/coffer/keys', '/coffer/keys?user=carol', '/coffer/user?name=carol']) {
    const [status, value] = await ask('GET', target)
    assert.equal(status, 200)
    assert.doesNotMatch(JSON.stringify(value), /secret/)
  }
})

test('what the request lacks, or has too much of, is named', async () => {
  assert.equal(await codeFor('GET', '/coffer/user'), '400 ParameterMissing')
  assert.equal(await codeFor('POST', '/coffer/users', '{'), '400 MalformedJson')
  assert.equal(await codeFor('POST', '/coffer/users', { nmae: 'x' }), '400 MalformedJson')
  assert.equal(await codeFor('PUT', '/coffer/policy?name=p', '{}'), '400 MalformedPolicy')
  const large = 'x'.repeat(300_000)
  assert.equal(await codeFor('PUT', '/coffer/policy?name=p', large), '413 BodyTooLarge')
})

test('a body that is not the one that was signed is refused', async () => {
  const signed = await adminOf({})(requestFor('GET', '/coffer/users'))
  assert.equal(signed.status, 200)
  const admin = adminOf({
    authenticate: async () => ({
      accessKey: ROOT_KEY,
      isPresigned: false,
      signedAt: new Date(0),
      version: 'AWS4-HMAC-SHA256',
      payload: { kind: 'hash', sha256: '0'.repeat(64) },
    }),
  })
  const forged = requestFor('POST', '/coffer/users', JSON.stringify({ name: 'mallory' }))
  assert.equal((await admin(forged)).status, 400)
  assert.equal(await codeFor('GET', '/coffer/user?name=mallory'), '404 NoSuchUser')
})

test('why tells what decides, for users, roots and nobody', async () => {
  await storage.buckets.create('logs', {
    origin: NOBODY,
    owner: DEFAULT_ACCOUNT_ID,
    objectLock: false,
  })
  await directory.users.create({ account: DEFAULT_ACCOUNT_ID, name: 'dave' })
  const question = { action: 's3:GetObject', resource: 'logs/2026/01' }
  const [, dave] = await ask('POST', '/coffer/policy/why', { ...question, user: 'dave' })
  assert.match(JSON.stringify(dave), /"allowed":false.*dave/)
  const [, root] = await ask('POST', '/coffer/policy/why', question)
  assert.match(JSON.stringify(root), /"allowed":true/)
  const [, anonymous] = await ask('POST', '/coffer/policy/why', { ...question, user: 'anonymous' })
  assert.match(JSON.stringify(anonymous), /"allowed":false/)
  const asked = { ...question, user: 'nobody' }
  assert.equal(await codeFor('POST', '/coffer/policy/why', asked), '404 NoSuchUser')
})
