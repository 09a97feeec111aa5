import assert from 'node:assert/strict'
import test from 'node:test'
import { createLog, silentLog, type LogLevel } from './log.ts'

function capture(level: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level, write: (line) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

test('a line carries level, time, event and its fields', () => {
  const { log, lines } = capture('info')
  log.info('request', { status: 200, sequence: 7n })
  const { time, ...rest } = lines[0] ?? {}
  assert.deepEqual(rest, { level: 'info', event: 'request', status: 200, sequence: 7 })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('lines below the level are dropped', () => {
  const { log, lines } = capture('warn')
  log.debug('one')
  log.info('two')
  log.warn('three')
  log.error('four')
  silentLog.with({ a: 1 }).error('five')
  assert.deepEqual(
    lines.map((line) => line['event']),
    ['three', 'four'],
  )
})

test('an error is written with its message and the message of its cause', () => {
  const { log, lines } = capture('error')
  log.error('failed', { error: new Error('cannot write', { cause: new Error('disk full') }) })
  assert.match(JSON.stringify(lines[0]?.['error']), /cannot write.*disk full/)
})

test('a log with fields repeats them on every line', () => {
  const { log, lines } = capture('info')
  const requestLog = log.with({ requestId: 'r1' })
  requestLog.info('one')
  requestLog.info('two', { more: true })
  assert.deepEqual(
    lines.map((line) => [line['event'], line['requestId'], line['more']]),
    [
      ['one', 'r1', undefined],
      ['two', 'r1', true],
    ],
  )
})
