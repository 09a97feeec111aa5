/** `coffer changes`: what a person or a script reads of the feed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import type { ChangeLine } from '../../src/protocols/admin/contract.ts'
import { createBucket, deleteObject, putObject } from '../load/s3-calls.ts'
import { bareEnvironment, COFFER_MAIN, ROOT_KEYS, runCoffer } from './coffer-process.ts'
import { serve } from './serving.ts'

/** What `coffer changes` prints until it ends. */
async function readChanges(
  folder: string,
  ...given: readonly string[]
): Promise<readonly ChangeLine[]> {
  const end = await runCoffer(['changes', '--folder', folder, ...given], { environment: ROOT_KEYS })
  assert.equal(end.exitCode, 0, end.stderr)
  return end.stdout.split('\n').filter(Boolean).map(parseChange)
}

function parseChange(line: string): ChangeLine {
  const change: ChangeLine = JSON.parse(line)
  return change
}

/** `coffer changes --follow` as it prints, until the test is over. */
function follow(context: TestContext, folder: string): AsyncIterator<string> {
  const given = [COFFER_MAIN, 'changes', '--folder', folder, '--follow']
  const child = spawn(process.execPath, given, {
    env: { ...bareEnvironment(), ...ROOT_KEYS },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill())
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}

async function nextChange(lines: AsyncIterator<string>): Promise<ChangeLine> {
  const line = await lines.next()
  assert.ok(line.done !== true, 'the stream ended')
  return parseChange(line.value)
}

test('changes are printed in order, with who did what to what', async (context) => {
  const { folder, client } = await serve(context)
  await createBucket(client, 'first')
  const { etag } = await putObject(client, {
    bucket: 'first',
    key: 'a/ü',
    body: Buffer.from('hello'),
  })
  await deleteObject(client, { bucket: 'first', key: 'a/ü' })
  const [made, put, gone, ...rest] = await readChanges(folder)
  assert.deepEqual(rest, [])
  assert.deepEqual([made?.operation, made?.bucket], ['BucketCreated', 'first'])
  assert.deepEqual([put?.operation, put?.key, put?.size, put?.etag], ['Put', 'a/ü', 5, etag])
  assert.equal(put?.origin.sourceAddress, '127.0.0.1')
  assert.deepEqual([gone?.operation, gone?.key], ['Delete', 'a/ü'])
  assert.ok(made !== undefined && put !== undefined && made.sequence < put.sequence)

  // Reading goes on after a cursor.
  assert.deepEqual(await readChanges(folder, '--after', made.sequence), [put, gone])
  assert.deepEqual(await readChanges(folder, '--after', gone?.sequence ?? ''), [])
})

test('--follow prints what is there, then what is written, until a stop', async (context) => {
  const { folder, client, coffer } = await serve(context)
  await createBucket(client, 'first')
  const lines = follow(context, folder)
  assert.equal((await nextChange(lines)).bucket, 'first')
  await createBucket(client, 'second')
  assert.equal((await nextChange(lines)).bucket, 'second')
  await putObject(client, { bucket: 'second', key: 'k', body: Buffer.from('1') })
  assert.equal((await nextChange(lines)).operation, 'Put')

  // A stop ends those who follow, and does not wait for them.
  const startedMs = performance.now()
  assert.equal((await coffer.stop()).exitCode, 0)
  assert.ok(performance.now() - startedMs < 5_000)
  assert.equal((await lines.next()).done, true)
})

test('a question that is wrong, or asked with wrong keys, is refused', async (context) => {
  const { folder } = await serve(context)
  const cases = [
    {
      given: ['--after', 'yesterday'],
      environment: ROOT_KEYS,
      exitCode: 1,
      message: /"yesterday" is not a cursor; give the 16 hex digits/,
    },
    {
      // A server whose keys are not known is named, and not gone round.
      given: [],
      environment: {},
      exitCode: 2,
      message: /A server runs on .* Set COFFER_ROOT_USER and COFFER_ROOT_PASSWORD/,
    },
    {
      given: [],
      environment: { ...ROOT_KEYS, COFFER_ROOT_PASSWORD: 'not-the-password' },
      exitCode: 1,
      message: /signature/,
    },
  ]
  for (const { given, environment, exitCode, message } of cases) {
    const end = await runCoffer(['changes', '--folder', folder, ...given], { environment })
    assert.equal(end.exitCode, exitCode)
    assert.match(end.stderr, message)
  }
})

test('at its limit the feed drops its oldest entries and shows a gap', async (context) => {
  const limits = ['--feed-entries-max', '2', '--feed-when-full', 'drop-oldest']
  const { folder, client } = await serve(context, { given: limits })
  for (const bucket of ['first', 'second', 'third', 'fourth']) await createBucket(client, bucket)
  const operations = (await readChanges(folder)).map(({ operation }) => operation)
  assert.deepEqual(operations, ['Gap', 'BucketCreated', 'BucketCreated'])
})

test('at its limit the feed refuses writes, when it is told to', async (context) => {
  const { folder, client } = await serve(context, { given: ['--feed-entries-max', '1'] })
  await createBucket(client, 'first')
  await assert.rejects(createBucket(client, 'second'), { status: 503 })
  const buckets = (await readChanges(folder)).map(({ bucket }) => bucket)
  assert.deepEqual(buckets, ['first'])
})

test('a cursor from before the minimum age is expired', async (context) => {
  const { folder, client, coffer } = await serve(context)
  for (const bucket of ['first', 'second', 'third']) await createBucket(client, bucket)
  const [first, , third] = await readChanges(folder)
  assert.ok(first !== undefined && third !== undefined)
  await coffer.stop()

  const again = await serve(context, { folder, given: ['--feed-minimum-age-hours', '0'] })
  await createBucket(again.client, 'fourth')
  const buckets = (await readChanges(folder)).map(({ bucket }) => bucket)
  assert.deepEqual(buckets, ['fourth'])
  assert.equal((await readChanges(folder, '--after', third.sequence)).length, 1)
  const given = ['changes', '--folder', folder, '--after', first.sequence]
  const { exitCode, stderr } = await runCoffer(given, { environment: ROOT_KEYS })
  assert.equal(exitCode, 1)
  assert.match(stderr, /are no longer kept/)
})

test('without a server, the folder itself is read', async (context) => {
  const { folder, client, coffer } = await serve(context)
  await createBucket(client, 'first')
  const served = await readChanges(folder)
  await coffer.stop()
  assert.deepEqual(await readChanges(folder), served)
})

test('the folder of a server that was killed is read all the same', async (context) => {
  const { folder, client, coffer } = await serve(context)
  await createBucket(client, 'first')
  coffer.signal('SIGKILL')
  await coffer.ended
  assert.equal((await readChanges(folder)).length, 1)
  const withoutKeys = await runCoffer(['changes', '--folder', folder])
  assert.equal(withoutKeys.exitCode, 0, withoutKeys.stderr)
})
