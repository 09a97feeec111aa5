import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpRequest } from '../../protocols/http/request.ts'
import type { AnsweredRequest } from '../../protocols/http/response.ts'
import { renderAccessLine } from './access-line.ts'

const SECRET = 'secret'.repeat(5)

const REQUEST: HttpRequest = {
  id: '0123456789ABCDEF',
  method: 'GET',
  rawPath: '/bucket/k%20%22',
  rawQuery: `X-Amz-Signature=${SECRET}&X-Amz-Credential=${SECRET}&X-Amz-Security-Token=${SECRET}`,
  query: [{ name: 'X-Amz-Signature', value: SECRET }],
  headers: {
    authorization: [`AWS4-HMAC-SHA256 Credential=${SECRET}`],
    'x-amz-security-token': [SECRET],
    'user-agent': ['a'.repeat(30_000)],
  },
  host: 'localhost',
  contentLength: 0,
  body: ReadableStream.from([]),
  remoteAddress: '127.0.0.1',
  isSecure: false,
  signal: new AbortController().signal,
}

const ANSWERED: AnsweredRequest = {
  request: REQUEST,
  response: {
    status: 200,
    headers: {},
    logFields: { operation: 'GetObject', bucket: 'bucket', key: 'k "\n', identity: 'root' },
  },
  receivedBytes: 0,
  sentBytes: 7,
  complete: false,
  durationMs: 1.26,
}

test('a line is one JSON object with what happened; what is not known is left out', () => {
  const line = renderAccessLine(ANSWERED, 0)
  assert.equal(line.indexOf('\n'), line.length - 1)
  assert.deepEqual(JSON.parse(line), {
    time: '1970-01-01T00:00:00.000Z',
    requestId: '0123456789ABCDEF',
    sourceAddress: '127.0.0.1',
    identity: 'root',
    method: 'GET',
    operation: 'GetObject',
    bucket: 'bucket',
    key: 'k "\n',
    status: 200,
    receivedBytes: 0,
    sentBytes: 7,
    durationMs: 1.3,
    cutOff: true,
    userAgent: 'a'.repeat(256),
  })
})

test('nothing of a query or of a header that may hold a secret is in a line', () => {
  assert.ok(!renderAccessLine(ANSWERED, 0).includes('secret'))
})
