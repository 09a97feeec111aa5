import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderTerminalLine } from './terminal-line.ts'

const TIME = '2026-11-21T01:14:09.123Z'

function render(fields: Readonly<Record<string, unknown>>): string {
  return renderTerminalLine(`${JSON.stringify({ level: 'info', time: TIME, ...fields })}\n`)
}

test('a request is its method, path, status and time', () => {
  const request = { event: 'request', method: 'GET', path: '/models/a', durationMs: 3.1 }
  assert.equal(render({ ...request, status: 200 }), '01:14:09 GET /models/a 200 3.1 ms\n')
  assert.equal(
    render({ ...request, status: 404, errorCode: 'NoSuchKey', cutOff: true }),
    '01:14:09 GET /models/a 404 NoSuchKey 3.1 ms cut off\n',
  )
})

test('anything else is its name and what is known of it; what is not well says so', () => {
  assert.equal(
    render({ event: 'started', url: 'http://127.0.0.1:9000', readers: 2 }),
    '01:14:09 started url=http://127.0.0.1:9000 readers=2\n',
  )
  const failed = { level: 'error', event: 'failed', error: { code: 'EIO' } }
  assert.equal(render(failed), '01:14:09 error: failed error={"code":"EIO"}\n')
})

test('what a client sends cannot move the cursor', () => {
  const line = render({ event: 'request', method: 'GET', path: '/\u001b[2J\u009b', durationMs: 1 })
  assert.equal(line, '01:14:09 GET / [2J  1 ms\n')
})
