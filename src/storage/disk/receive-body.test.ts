import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  PLAIN,
  put,
  read,
  readChanges,
} from '../conformance/actions.ts'
import { bodyOf, noise } from '../conformance/bytes.ts'
import type { ObjectVersion } from '../object-version.ts'
import { openDiskStore, type DiskStore } from './disk-store.ts'

async function open(context: TestContext): Promise<DiskStore> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  const store = await openDiskStore({ folder })
  context.after(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  await createBucket(store, 'enabled')
  return store
}

/** Every version has its bytes, and the newest comes first, as the feed says too. */
async function assertOrdered(store: DiskStore, made: readonly ObjectVersion[]): Promise<void> {
  const { versions } = await store.objects.listVersions(BUCKET, { limit: 1000 })
  const sequences = versions.map(({ sequence }) => sequence)
  assert.deepEqual(
    sequences,
    sequences.toSorted((one, other) => (one > other ? -1 : 1)),
  )
  assert.equal(new Set(sequences).size, made.length)
  const changes = (await readChanges(store)).filter(({ operation }) => operation === 'Put')
  assert.deepEqual(
    changes.map(({ versionId }) => versionId).toReversed(),
    versions.map(({ versionId }) => versionId),
  )
  for (const { versionId, size } of made) {
    assert.deepEqual(await read(store, at('key', versionId)), noise(size))
  }
}

test('large bodies that small ones overtake become versions all the same, in order', async (context) => {
  const store = await open(context)
  const made: ObjectVersion[] = []
  const write = async (size: number, count: number): Promise<void> => {
    for (let written = 0; written < count; written += 1) {
      made.push(await put(store, 'key', noise(size)))
    }
  }
  await Promise.all([write(10, 60), write(11, 60), write(70_000, 10), write(300_000, 10)])
  assert.equal(made.length, 140)
  await assertOrdered(store, made)
})

test('a commit of many with large bodies has its place among the others', async (context) => {
  const store = await open(context)
  const { commits } = store
  assert.ok(commits)
  const made: ObjectVersion[] = []
  const commitMany = async (): Promise<void> => {
    const bodies = [20, 50_000, 400_000].map((size) =>
      commits.prepare(BUCKET, bodyOf(noise(size)), CHANGE),
    )
    const prepared = await Promise.all(bodies)
    const outcomes = await commits.commit(
      prepared.map((body) => ({ kind: 'put', name: at('key'), body, options: PLAIN })),
      CHANGE,
    )
    for (const outcome of outcomes) if (outcome.kind === 'version') made.push(outcome.version)
  }
  const write = async (): Promise<void> => {
    for (let written = 0; written < 40; written += 1) made.push(await put(store, 'key', noise(10)))
  }
  await Promise.all([write(), commitMany(), write(), commitMany()])
  assert.equal(made.length, 86)
  await assertOrdered(store, made)
})
