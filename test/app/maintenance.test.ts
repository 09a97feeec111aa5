/** scrub, compact, backup and restore as operators run them: beside a server, and without one. */
import assert from 'node:assert/strict'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBucket, deleteObject, getObject, putObject } from '../load/s3-calls.ts'
import type { S3Client } from '../load/s3-client.ts'
import { ROOT_KEYS, runCoffer, temporaryFolder, type Ended } from './coffer-process.ts'
import { serve } from './serving.ts'

/** One body for each place where a store may keep it: catalog, segment, file. */
const BODIES = new Map(
  [100, 50_000, 700_000].map((size) => [`size-${size}`, Buffer.alloc(size, `${size} `)] as const),
)

async function fill(client: S3Client): Promise<void> {
  await createBucket(client, 'kept')
  for (const [key, body] of BODIES) await putObject(client, { bucket: 'kept', key, body })
}

function run(...given: readonly string[]): Promise<Ended> {
  return runCoffer(given, { environment: ROOT_KEYS })
}

type Line = { readonly event: string; readonly [name: string]: unknown }

function linesOf({ stdout }: Ended): readonly Line[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const parsed: Line = JSON.parse(line)
      return parsed
    })
}

for (const place of ['beside a server', 'without a server'] as const) {
  test(`${place}, a scrub finds a sound store sound, and a backup brings it back`, async (context) => {
    const serving = await serve(context)
    const { folder } = serving
    await fill(serving.client)
    if (place === 'without a server') await serving.coffer.stop()
    const end = await run('scrub', '--folder', folder)
    assert.equal(end.exitCode, 0, end.stderr)
    const [started, summary, ...rest] = linesOf(end)
    assert.deepEqual(started, { event: 'started' })
    assert.equal(summary?.event, 'summary')
    assert.equal(summary['versions'], BODIES.size)
    assert.deepEqual(summary['findings'], {})
    assert.deepEqual(rest, [])

    // A backup is restored to a folder that serves the same.
    const elsewhere = await temporaryFolder((cleanUp) => context.after(cleanUp))
    const backup = join(elsewhere, 'backup')
    const restored = join(elsewhere, 'restored')
    const made = await run('backup', backup, '--folder', folder)
    assert.equal(made.exitCode, 0, made.stderr)
    assert.equal(linesOf(made).at(-1)?.event, 'backed-up')
    const back = await run('restore', backup, restored)
    assert.equal(back.exitCode, 0, back.stderr)

    const { client } = await serve(context, { folder: restored })
    for (const [key, body] of BODIES) {
      assert.ok(body.equals((await getObject(client, { bucket: 'kept', key })).body), key)
    }
  })
}

test('a scrub finds a flipped bit, names the object and exits with 3', async (context) => {
  const serving = await serve(context)
  const { folder } = serving
  await fill(serving.client)
  await serving.coffer.stop()
  await flipBit(join(folder, 'segments'))
  const end = await run('scrub', '--folder', folder)
  assert.equal(end.exitCode, 3, end.stdout)
  const [finding] = linesOf(end).filter(({ event }) => event === 'finding')
  assert.equal(finding?.['kind'], 'bytes')
  assert.match(JSON.stringify(finding), /size-50000/)
})

test('repair rebuilds a lost catalog, small bodies from the backup', async (context) => {
  const { folder, coffer, client } = await serve(context)
  await fill(client)
  await coffer.stop()
  const backup = join(await temporaryFolder((cleanUp) => context.after(cleanUp)), 'backup')
  assert.equal((await run('backup', backup, '--folder', folder)).exitCode, 0)
  await rm(join(folder, 'catalog'), { recursive: true })

  const end = await run('repair', folder, '--backup', backup)
  assert.equal(end.stderr, '')
  const report = linesOf(end).at(-1)
  assert.deepEqual([report?.event, report?.['versions']], ['repaired', BODIES.size])

  const again = await serve(context, { folder })
  for (const [key, body] of BODIES) {
    assert.ok(body.equals((await getObject(again.client, { bucket: 'kept', key })).body), key)
  }
})

test('repair keeps off a folder that a server uses, and a backup off one with files', async (context) => {
  const { folder } = await serve(context)
  const end = await run('repair', folder)
  assert.equal(end.exitCode, 1)
  assert.match(end.stderr, /Another process/)
  const backup = await run('backup', folder, '--folder', folder)
  assert.equal(backup.exitCode, 1)
  assert.match(backup.stderr, /empty/)
})

test('compact gives the space of deleted objects back', async (context) => {
  const { folder, client } = await serve(context)
  await createBucket(client, 'kept')
  const body = Buffer.alloc(200_000, 'x')
  for (let round = 0; round < 20; round++) {
    await putObject(client, { bucket: 'kept', key: `gone-${round}`, body })
  }
  await putObject(client, { bucket: 'kept', key: 'stays', body })
  for (let round = 0; round < 20; round++) {
    await deleteObject(client, { bucket: 'kept', key: `gone-${round}` })
  }
  const end = await run('compact', '--folder', folder)
  assert.equal(end.exitCode, 0, end.stderr)
  const report = linesOf(end).at(-1)
  assert.equal(report?.event, 'compacted')
  assert.ok(Number(report['totalBytes']) < 2 * body.length, JSON.stringify(report))
  assert.ok(body.equals((await getObject(client, { bucket: 'kept', key: 'stays' })).body))
})

/** Flips a bit in the middle of the largest file of a folder. */
async function flipBit(folder: string): Promise<void> {
  const names = await readdir(folder)
  const files = await Promise.all(
    names.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })),
  )
  const largest = files.toSorted((one, other) => other.size - one.size)[0]
  assert.ok(largest !== undefined)
  const file = await open(join(folder, largest.name), 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, 25_000)
  byte[0] = (byte[0] ?? 0) ^ 1
  await file.write(byte, 0, 1, 25_000)
  await file.close()
}
