import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { silentMeter } from '../../base/metrics/meter.ts'
import type { AnsweredRequest } from '../../protocols/http/response.ts'
import { openAccessLog } from './open-access-log.ts'

function answered(id: string, operation: string): AnsweredRequest {
  const request = {
    id,
    method: 'GET',
    rawPath: '/',
    rawQuery: '',
    query: [],
    headers: {},
    host: '',
    contentLength: 0,
    body: ReadableStream.from([]),
    remoteAddress: '::1',
    isSecure: false,
    signal: new AbortController().signal,
  }
  const response = { status: 200, headers: {}, logFields: { operation } }
  return { request, response, receivedBytes: 0, sentBytes: 0, complete: true, durationMs: 1 }
}

async function idsIn(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8')
  const lines = text.split('\n').filter(Boolean)
  return lines.map((line): unknown => JSON.parse(line).requestId)
}

test('a file that was moved away is followed by a new one; probes leave no lines', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-access-'))
  context.after(() => rm(folder, { recursive: true }))
  const place = join(folder, 'access.log')
  const log = await openAccessLog({
    place,
    clock: systemClock,
    log: silentLog,
    meter: silentMeter,
    lookMs: 20,
  })
  log.observe(answered('first', 'GetObject'))
  log.observe(answered('probe', 'Health'))
  await sleep(200)
  await rename(place, `${place}.1`)
  await sleep(200)
  log.observe(answered('second', 'GetObject'))
  await log.close()
  assert.deepEqual(await idsIn(`${place}.1`), ['first'])
  assert.deepEqual(await idsIn(place), ['second'])
})
