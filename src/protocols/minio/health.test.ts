import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpRequest } from '../http/request.ts'
import { createHealth } from './health.ts'

function ask(check: string, method = 'GET'): HttpRequest {
  return {
    id: 'id',
    method,
    rawPath: `/minio/health/${check}`,
    rawQuery: '',
    query: [],
    headers: {},
    host: 'localhost',
    contentLength: 0,
    body: ReadableStream.from([]),
    remoteAddress: '127.0.0.1',
    isSecure: false,
    signal: new AbortController().signal,
  }
}

const CHECKS = ['live', 'ready', 'cluster', 'cluster/read']

test('every check passes while writes are taken; then those that ask for it fail', async () => {
  let isReady = true
  const answer = createHealth({ isReady: () => isReady })
  const statuses = (): Promise<readonly number[]> =>
    Promise.all(CHECKS.map(async (check) => (await answer(ask(check))).status))
  assert.deepEqual(await statuses(), [200, 200, 200, 200])
  isReady = false
  assert.deepEqual(await statuses(), [200, 503, 503, 200])
})

test('what is no check is not there, and checks are only asked', async () => {
  const answer = createHealth({ isReady: () => true })
  for (const request of [ask('lively'), ask(''), ask('live', 'PUT')]) {
    assert.equal((await answer(request)).status, 404)
  }
  assert.equal((await answer(ask('live', 'HEAD'))).status, 200)
})
