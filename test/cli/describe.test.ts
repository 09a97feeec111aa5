/** `coffer info`: what a running server tells of itself. */
import assert from 'node:assert/strict'
import { statfsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AsJson, ServerAnswer } from '../../src/protocols/admin/contract.ts'
import { ROOT_KEYS, runCoffer } from '../app/coffer-process.ts'
import { serve } from '../app/serving.ts'
import { createBucket, deleteObject, putObject } from '../load/s3-calls.ts'

type Told = AsJson<ServerAnswer> & {
  readonly url: string
  readonly certificateExpiresAt?: string
}

const RESERVE_BYTES = 1_000_000

test('info tells what runs and what is stored, in words and as JSON', async (context) => {
  const given = ['--reserve-bytes', String(RESERVE_BYTES)]
  const { folder, coffer, client } = await serve(context, { given })
  await createBucket(client, 'one')
  await createBucket(client, 'two')
  for (const key of ['a', 'b', 'c']) {
    await putObject(client, { bucket: 'one', key, body: Buffer.alloc(50_000, key) })
  }
  await deleteObject(client, { bucket: 'one', key: 'c' })

  const end = await runCoffer(['info', '--folder', folder, '--json'], { environment: ROOT_KEYS })
  assert.equal(end.exitCode, 0, end.stderr)
  const told: Told = JSON.parse(end.stdout)
  const { version }: { readonly version: string } = JSON.parse(
    await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'),
  )
  assert.deepEqual([told.version, told.url, told.buckets], [version, coffer.url, 2])
  assert.ok(told.uptimeSeconds < 60 && Date.now() - Date.parse(told.startedAt) < 60_000)
  const { store, feed } = told
  assert.ok(store !== undefined && feed !== undefined)
  const { storeId }: { readonly storeId: string } = JSON.parse(
    await readFile(join(folder, 'coffer.json'), 'utf8'),
  )
  assert.deepEqual([store.storeId, store.folder], [storeId, folder])
  assert.deepEqual([store.objects, store.versions], [2, 2])
  const { blocks, bsize } = statfsSync(folder)
  assert.deepEqual([store.disk.sizeBytes, store.disk.reserveBytes], [blocks * bsize, RESERVE_BYTES])
  assert.equal(store.segments.count, 1)
  assert.ok(store.segments.totalBytes >= store.segments.liveBytes)
  assert.ok(store.segments.liveBytes >= 100_000)
  assert.equal(feed.entries, 6)
  assert.ok(Date.parse(feed.oldestAt ?? '') <= Date.parse(feed.newestAt ?? ''))
  assert.equal(told.certificateExpiresAt, undefined)

  const shown = await runCoffer(['info', '--folder', folder], { environment: ROOT_KEYS })
  assert.match(shown.stdout, new RegExp(`^store +${storeId}$`, 'm'))
  assert.match(shown.stdout, /^bytes +not counted/m)
  assert.match(shown.stdout, /^feed +6 entries, from 20\S+ to 20/m)
  await coffer.stop()

  const secured = await serve(context, { folder, given: ['--tls', 'generated'] })
  const facts = await runCoffer(['info', '--folder', folder], { environment: ROOT_KEYS })
  const [, until = ''] = /^certificate until +(\S+)$/m.exec(facts.stdout) ?? []
  assert.ok(Date.parse(until) > Date.now(), facts.stdout)
  await secured.coffer.stop()
  const gone = await runCoffer(['info', '--folder', folder], { environment: ROOT_KEYS })
  assert.equal(gone.exitCode, 2)
  assert.match(gone.stderr, /No server runs on/)
})
