/** What a running server tells Prometheus, and to whom. */
import assert from 'node:assert/strict'
import { before, test, type TestContext } from 'node:test'
import { createBucket, getObject, putObject } from '../load/s3-calls.ts'
import { openS3Client } from '../load/s3-client.ts'
import { ROOT_KEYS } from './coffer-process.ts'
import { type Scraped, serveMeasured, total } from './scraped.ts'
import { serve } from './serving.ts'

let measured: Scraped

before(async (context) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- hooks have `after` too
  measured = await serveMeasured(context as TestContext)
})

test('requests are counted by operation and outcome, never by bucket or key', async (context) => {
  const { coffer, client, scrape } = measured
  const body = Buffer.alloc(100_000, 'x')
  await createBucket(client, 'measured')
  for (const key of ['a', 'b', 'c']) await putObject(client, { bucket: 'measured', key, body })
  await getObject(client, { bucket: 'measured', key: 'a' })
  await getObject(client, { bucket: 'measured', key: 'missing' })
  const stranger = openS3Client({
    endpoint: coffer.url,
    accessKey: ROOT_KEYS.COFFER_ROOT_USER,
    secretKey: 'not the secret',
    connections: 1,
  })
  context.after(() => stranger.close())
  await getObject(stranger, { bucket: 'measured', key: 'a' })
  await fetch(`${coffer.url}/measured/a`)

  const families = await scrape()
  const read = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    total(families, name, labels)
  assert.equal(read('coffer_requests_total', { operation: 'PutObject', status: '2xx' }), 3)
  assert.equal(read('coffer_requests_total', { operation: 'GetObject', status: '2xx' }), 1)
  assert.equal(read('coffer_requests_total', { operation: 'GetObject', status: '4xx' }), 3)
  assert.equal(read('coffer_request_duration_seconds_count', { operation: 'PutObject' }), 3)
  assert.ok(read('coffer_request_duration_seconds_sum', { operation: 'PutObject' }) > 0)
  assert.equal(read('coffer_received_bytes_total', { operation: 'PutObject' }), 3 * body.length)
  assert.ok(read('coffer_sent_bytes_total', { operation: 'GetObject' }) > body.length)
  assert.equal(read('coffer_request_errors_total', { code: 'NoSuchKey' }), 1)
  assert.equal(read('coffer_access_refusals_total', { kind: 'authentication' }), 1)
  assert.equal(read('coffer_access_refusals_total', { kind: 'authorization' }), 1)
  assert.ok(read('coffer_connections') >= 1)
  assert.equal(read('coffer_requests_under_way'), 0)
  assert.equal(read('coffer_feed_entries'), 4)
  assert.ok(Math.abs(read('coffer_feed_newest_change_timestamp_seconds') - Date.now() / 1000) < 60)
  assert.ok(read('coffer_group_commit_writes_count') >= 4)
  assert.ok(read('coffer_segments_live_bytes') >= 3 * body.length)
  assert.ok(read('coffer_process_anonymous_memory_bytes') > 1e7)
  const values = families.flatMap(({ samples }) =>
    samples.flatMap(({ labels }) => Object.values(labels)),
  )
  assert.deepEqual(
    values.filter((value) => /measured|missing|127\.0/.test(value)),
    [],
  )
})

test('the address of metrics has nothing else, and that of S3 has no metrics', async () => {
  const { coffer, address } = measured
  for (const path of ['/', '/coffer/changes', '/minio/health/live', '/bucket/key']) {
    assert.equal((await fetch(address + path)).status, 404, path)
  }
  assert.equal((await fetch(`${address}/metrics`, { method: 'POST' })).status, 405)
  for (const path of ['/coffer/metrics', '/metrics', '/minio/v2/metrics/cluster']) {
    assert.ok([403, 404].includes((await fetch(coffer.url + path)).status), path)
  }
})

test('beside S3, metrics are for those who have the token', async (context) => {
  const token = 'a token of metrics'
  const given = ['--store', 'memory', '--metrics', '/coffer/metrics', '--access-log', 'stdout']
  const environment = { COFFER_METRICS_TOKEN: token }
  const { coffer } = await serve(context, { given, environment })
  const ask = async (authorization: string): Promise<number> => {
    const response = await fetch(`${coffer.url}/coffer/metrics`, { headers: { authorization } })
    await response.text()
    return response.status
  }
  assert.equal(await ask(`Bearer ${token}`), 200)
  assert.equal(await ask(`Bearer ${token}!`), 401)
  assert.equal(await ask(''), 401)
  await fetch(`${coffer.url}/`)
  await coffer.stop()
  const [line, ...more] = coffer.stdout().trimEnd().split('\n').slice(1)
  assert.match(line ?? '', /^\{"time":".*"operation":"ListBuckets".*"status":403.*\}$/)
  assert.deepEqual(more, [], 'a scrape leaves no line')
})
