import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { NOBODY } from '../../change-feed.ts'
import { createManualClock } from '../../../base/clock.ts'
import { createSeededRandom } from '../../../base/random.ts'
import { StorageError } from '../../storage-error.ts'
import { createCommitter, type Committed, type Committer } from './committer.ts'
import type { Draft } from './draft.ts'
import { createStamps } from './stamps.ts'
import { openTables, type Tables } from './tables.ts'

type Opened = {
  readonly tables: Tables
  readonly committer: Committer
  readonly groups: readonly Committed[]
}

async function open(context: TestContext): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-'))
  const tables = openTables(join(folder, 'catalog'))
  context.after(async () => {
    await tables.environment.close()
    await rm(folder, { recursive: true })
  })
  const groups: Committed[] = []
  const clock = createManualClock(new Date())
  const committer = createCommitter({
    folder,
    tables,
    stamps: createStamps({ last: 0n, clock, random: createSeededRandom(1) }),
    admitChange: () => undefined,
    draftUpkeep: () => undefined,
    onCommitted: (committed) => groups.push(committed),
  })
  return { tables, committer, groups }
}

const KEY = Buffer.from('key')
const OTHER = Buffer.from('other')

function putMeta(draft: Draft, key: Buffer): void {
  draft.put(draft.tables.meta, key, Buffer.from('value'))
}

test('a write that throws between two rows has written neither', async (context) => {
  const { committer, tables } = await open(context)
  const refused = committer.commit(NOBODY, (draft) => {
    putMeta(draft, KEY)
    throw new Error('between')
  })
  const accepted = committer.commit(NOBODY, (draft) => putMeta(draft, OTHER))
  await assert.rejects(refused, { message: 'between' })
  await accepted
  assert.equal(tables.meta.get(KEY), undefined)
  assert.equal(tables.meta.get(OTHER)?.toString(), 'value')
})

test('of many writes that are one commit, one that throws takes back those before it', async (context) => {
  const { committer, tables } = await open(context)
  const refused = committer.commitAll(NOBODY, [
    (draft) => putMeta(draft, KEY),
    (draft) => {
      assert.equal(draft.tables.meta.get(KEY)?.toString(), 'value', 'it sees those before it')
      throw new Error('second')
    },
  ])
  const accepted = committer.commitAll(NOBODY, [(draft) => putMeta(draft, OTHER), () => undefined])
  await assert.rejects(refused, { message: 'second' })
  await accepted
  assert.equal(tables.meta.get(KEY), undefined)
  assert.equal(tables.meta.get(OTHER)?.toString(), 'value')
})

test('writes that come together are one transaction, and each sees those before it', async (context) => {
  const { committer, tables, groups } = await open(context)
  const counted = Array.from({ length: 50 }, () =>
    committer.commit(NOBODY, (draft) => {
      const count = Number(draft.tables.meta.get(KEY)?.toString() ?? 0)
      draft.put(draft.tables.meta, KEY, Buffer.from(String(count + 1)))
      return count
    }),
  )
  assert.deepEqual(await Promise.all(counted), [...counted.keys()])
  assert.equal(tables.meta.get(KEY)?.toString(), '50')
  assert.equal(groups.length, 1)
})

test('a write that comes as the one before is answered is not forgotten', async (context) => {
  const { committer, tables } = await open(context)
  for (let count = 0; count < 50; count += 1) {
    await committer.commit(NOBODY, (draft) => putMeta(draft, Buffer.from(String(count))))
  }
  assert.equal(tables.meta.getCount(), 50)
})

test('after a failure every write is refused, those that wait too', async (context) => {
  const { committer, tables } = await open(context)
  committer.fail(new StorageError('StoreFailed', 'The disk failed.'))
  const refused = committer.commit(NOBODY, (draft) => putMeta(draft, KEY))
  await assert.rejects(refused, { code: 'StoreFailed', message: 'The disk failed.' })
  assert.throws(() => committer.assertWritable(), { code: 'StoreFailed' })
  assert.equal(tables.meta.get(KEY), undefined)
})

test('a body goes with the last row that names it, and so do the bodies that it consists of', async (context) => {
  const { committer, tables, groups } = await open(context)
  const place = { kind: 'segment', segment: 1, offset: 0, length: 100 } as const
  const parts = [1, 2].map((partNumber) => ({ partNumber, size: 50, body: BigInt(partNumber) }))
  await committer.commit(NOBODY, (draft) => {
    draft.addBody({ id: 1n, size: 50, place })
    draft.addBody({ id: 2n, size: 50, place: { ...place, offset: 100 } })
    draft.addBodyOfParts(3n, parts)
  })
  await committer.commit(NOBODY, (draft) => {
    draft.unlink(1n)
    draft.unlink(2n)
    draft.link(3n)
  })
  await committer.commit(NOBODY, (draft) => draft.unlink(3n))
  assert.equal(tables.blobs.getCount(), 3)
  assert.deepEqual(groups.at(-1)?.freed, [])
  await committer.commit(NOBODY, (draft) => draft.unlink(3n))
  assert.equal(tables.blobs.getCount(), 0)
  assert.equal(tables['parts-of'].getCount(), 0)
  assert.deepEqual(
    groups.at(-1)?.freed.map(({ id }) => id),
    [1n, 2n],
  )
  assert.equal(tables.garbage.getCount(), 2)
  assert.equal(
    tables.segments.get(Buffer.from('0000000000000001', 'hex'))?.toString(),
    '{"liveBytes":0}',
  )
})
