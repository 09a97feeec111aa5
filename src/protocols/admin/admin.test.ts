import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { Origin } from '../../storage/change-feed.ts'
import type { Maintenance } from '../../storage/maintenance.ts'
import { openMemoryStore } from '../../storage/memory/memory-store.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { StorageError } from '../../storage/storage-error.ts'
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

function adminOf(options: Partial<AdminOptions>): Admin {
  return createAdmin({
    changes: undefined,
    maintenance: undefined,
    log: silentLog,
    stopping: new AbortController().signal,
    rootUser: 'root',
    authenticate: async () => ({
      accessKey: 'root',
      isPresigned: false,
      signedAt: new Date(0),
      version: 'AWS4-HMAC-SHA256',
      payload: { kind: 'unsigned' },
    }),
    ...options,
  })
}

function requestFor(method: string, target: string): HttpRequest {
  const [rawPath = '', rawQuery = ''] = target.split('?')
  return {
    id: 'REQUEST',
    method,
    rawPath,
    rawQuery,
    query: parseQuery(rawQuery),
    headers: {},
    host: 'localhost',
    contentLength: 0,
    body: (async function* () {})(),
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

test('only the root keys may call', async () => {
  const admin = adminOf({ rootUser: 'somebody else' })
  assert.equal((await admin(requestFor('GET', '/coffer/changes'))).status, 403)
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
