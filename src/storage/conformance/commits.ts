import assert from 'node:assert/strict'
import { LIMITS } from '../limits.ts'
import type { Commits, ObjectStore, Write, WriteOutcome } from '../object-store.ts'
import {
  at,
  BUCKET,
  CHANGE,
  createBucket,
  listKeys,
  listVersionIds,
  PLAIN,
  put,
  read,
  readChanges,
  readText,
  remove,
} from './actions.ts'
import { bodyOf, brokenBody, noise } from './bytes.ts'
import { assertRefused, type Proof, type Truth, type Truths } from './truth.ts'

const { origin: _origin, ...PLAIN_WRITE } = PLAIN

type TestedCommits = Commits & {
  putOf(key: string, content?: string | Uint8Array): Promise<Extract<Write, { kind: 'put' }>>
}

function committing(
  prove: (store: ObjectStore, commits: TestedCommits, clock: Parameters<Proof>[1]) => Promise<void>,
): Truth {
  return {
    needs: ['atomicCommit'],
    async proof(store, clock) {
      const { commits } = store
      assert.ok(commits !== undefined, 'a store that declares atomicCommit has commits')
      const putOf: TestedCommits['putOf'] = async (key, content = key) => {
        const body = await commits.prepare(BUCKET, bodyOf(content), CHANGE)
        return { kind: 'put', name: at(key), body, options: PLAIN_WRITE }
      }
      const tested: TestedCommits = {
        prepare: (bucket, body, options) => commits.prepare(bucket, body, options),
        discard: (prepared) => commits.discard(prepared),
        commit: (writes, options) => commits.commit(writes, options),
        putOf,
      }
      await prove(store, tested, clock)
    },
  }
}

function deletion(key: string): Write {
  return { kind: 'delete', name: at(key), options: {} }
}

function copyOf(source: string, key: string): Write {
  const options = { owner: PLAIN.owner, storageClass: PLAIN.storageClass }
  return { kind: 'copy', source: at(source), name: at(key), options }
}

function tagging(key: string, tag: string): Write {
  const change = { kind: 'tags', tags: [[tag, '']] } as const
  return { kind: 'update', name: at(key), change, options: {} }
}

function keyOf(outcome: WriteOutcome | undefined): string | undefined {
  return outcome?.kind === 'version' ? outcome.version.key : undefined
}

export const COMMIT_TRUTHS: Truths = {
  'all kinds of writes are carried out together, in order': committing(async (store, commits) => {
    await createBucket(store)
    await put(store, 'old', 'old')
    const outcomes = await commits.commit(
      [
        await commits.putOf('new', 'new'),
        copyOf('old', 'copied'),
        tagging('old', 'tagged'),
        deletion('old'),
      ],
      CHANGE,
    )
    assert.deepEqual(outcomes.slice(0, 3).map(keyOf), ['new', 'copied', 'old'])
    assert.deepEqual(outcomes[3], { kind: 'delete', outcome: { deleteMarker: false } })
    assert.deepEqual(await listKeys(store), ['copied', 'new'])
    assert.equal(await readText(store, at('copied')), 'old')
    assert.equal(await readText(store, at('new')), 'new')
  }),

  'a later write sees the earlier ones': committing(async (store, commits) => {
    await createBucket(store)
    const first = await commits.putOf('a', 'text')
    await commits.commit(
      [first, tagging('a', 'early'), copyOf('a', 'b'), deletion('a'), copyOf('b', 'c')],
      CHANGE,
    )
    assert.deepEqual(await listKeys(store), ['b', 'c'])
    const { version } = await store.objects.head(at('c'), {})
    assert.deepEqual(version.tags, [['early', '']])
    assert.equal(await readText(store, at('c')), 'text')
  }),

  'several writes to one key make several versions, the last the newest': {
    needs: ['atomicCommit', 'versions'],
    proof: async (store) => {
      await createBucket(store, 'enabled')
      const { commits } = store
      assert.ok(commits !== undefined)
      const writes = await Promise.all(
        ['one', 'two', 'three'].map(async (content): Promise<Write> => {
          const body = await commits.prepare(BUCKET, bodyOf(content), CHANGE)
          return { kind: 'put', name: at('key'), body, options: PLAIN_WRITE }
        }),
      )
      const outcomes = await commits.commit(writes, CHANGE)
      const ids = outcomes.map((each) => (each.kind === 'version' ? each.version.versionId : ''))
      assert.deepEqual(
        await listVersionIds(store),
        ids.toReversed().map((id) => `key ${id}`),
      )
      assert.equal(await readText(store, at('key')), 'three')
      assert.equal(await readText(store, at('key', ids[0])), 'one')
    },
  },

  'a refused write in the middle leaves nothing, not even in the feed': committing(
    async (store, commits) => {
      await createBucket(store)
      await put(store, 'kept', 'kept')
      const changes = await readChanges(store)
      const good = await commits.putOf('new', 'new')
      const conditional = await commits.putOf('kept', 'lost')
      const condition = { ifNoneMatch: ['*'] }
      const refused: Write = { ...conditional, options: { ...conditional.options, condition } }
      const others = [tagging('kept', 'lost'), deletion('kept'), copyOf('kept', 'copied')]
      const before = [good, ...others.slice(0, 1)]
      const attempt = commits.commit([...before, refused, ...others.slice(1)], CHANGE)
      await assertRefused(attempt, 'PreconditionFailed')
      const missing = commits.commit([deletion('kept'), copyOf('missing', 'x')], CHANGE)
      await assertRefused(missing, 'NoSuchKey')
      assert.deepEqual(await listKeys(store), ['kept'])
      assert.deepEqual((await store.objects.head(at('kept'), {})).version.tags, [])
      assert.deepEqual(await readChanges(store), changes)
    },
  ),

  'what was prepared for a refused commit can be committed again': committing(
    async (store, commits) => {
      await createBucket(store)
      for (const size of [10, 100_000, 400_000]) {
        const write = await commits.putOf('key', noise(size))
        await assertRefused(commits.commit([write, copyOf('missing', 'x')], CHANGE), 'NoSuchKey')
        await commits.commit([write], CHANGE)
        assert.ok(noise(size).equals(await read(store, at('key'))), String(size))
      }
    },
  ),

  'what is only prepared is nowhere to be seen, and can be discarded': committing(
    async (store, commits) => {
      await createBucket(store)
      const changes = await readChanges(store)
      for (const size of [0, 10, 100_000, 400_000]) {
        const body = await commits.prepare(BUCKET, bodyOf(noise(size)), CHANGE)
        assert.equal(body.digest.size, size)
        await commits.discard(body)
        await commits.discard(body)
      }
      assert.deepEqual(await listKeys(store), [])
      assert.deepEqual(await readChanges(store), changes)
    },
  ),

  'a prepared body serves one commit, and none once it is discarded': committing(
    async (store, commits) => {
      await createBucket(store)
      for (const size of [10, 100_000, 400_000]) {
        const used = await commits.putOf('key', noise(size))
        await commits.commit([used], CHANGE)
        const again = { ...used, name: at('again') }
        await assertRefused(commits.commit([again], CHANGE), 'InvalidArgument')
        await commits.discard(used.body)
        const discarded = await commits.putOf('gone', noise(size))
        await commits.discard(discarded.body)
        await assertRefused(commits.commit([discarded], CHANGE), 'InvalidArgument')
        assert.ok(noise(size).equals(await read(store, at('key'))), String(size))
      }
      assert.deepEqual(await listKeys(store), ['key'])
    },
  ),

  'a prepared body may become several objects of its commit': committing(async (store, commits) => {
    await createBucket(store)
    for (const size of [10, 100_000, 400_000]) {
      const write = await commits.putOf('one', noise(size))
      await commits.commit([write, { ...write, name: at('two') }], CHANGE)
      await remove(store, at('one'))
      assert.ok(noise(size).equals(await read(store, at('two'))), String(size))
      await remove(store, at('two'))
    }
  }),

  'of commits that race for a prepared body at most one puts it': committing(
    async (store, commits) => {
      await createBucket(store)
      for (const size of [10, 100_000, 400_000]) {
        const write = await commits.putOf('key', noise(size))
        const names = ['a', 'b', 'c'].map((key) => at(`${key} of ${size}`))
        const race = names.map((name) => commits.commit([{ ...write, name }], CHANGE))
        const outcomes = await Promise.allSettled(race)
        assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
      }
      assert.equal((await listKeys(store)).length, 3)
    },
  ),

  'a body that breaks off cannot be prepared': committing(async (store, commits) => {
    await createBucket(store)
    const failure = new Error('the sender went away')
    const attempt = commits.prepare(BUCKET, brokenBody(noise(100_000), failure), CHANGE)
    await assert.rejects(attempt, (error) => error === failure)
  }),

  'prepared bodies of every size are put': committing(async (store, commits) => {
    await createBucket(store)
    const sizes = [0, 1, 4096, 4097, 65_537, 262_144, 262_145, 1_048_579]
    const writes = await Promise.all(sizes.map((size) => commits.putOf(`${size}`, noise(size))))
    await commits.commit(writes, CHANGE)
    for (const size of sizes) assert.ok(noise(size).equals(await read(store, at(`${size}`))))
  }),

  'each write has its own entry in the feed, in order': committing(async (store, commits) => {
    await createBucket(store)
    const head = await store.changes?.head()
    const writes = await Promise.all(['a', 'b', 'c'].map((key) => commits.putOf(key)))
    await commits.commit([...writes, deletion('b'), deletion('never')], CHANGE)
    if (store.changes === undefined) return
    const changes = await readChanges(store, head)
    assert.deepEqual(
      changes.map(({ operation, key }) => `${operation} ${key}`),
      ['Put a', 'Put b', 'Put c', 'Delete b'],
    )
  }),

  'an empty commit is a commit of nothing': committing(async (store, commits) => {
    await createBucket(store)
    const changes = await readChanges(store)
    assert.deepEqual(await commits.commit([], CHANGE), [])
    assert.deepEqual(await readChanges(store), changes)
  }),

  'ten thousand writes are one commit, one more is too many': committing(async (store, commits) => {
    await createBucket(store)
    await put(store, 'source', 'text')
    const writes = Array.from({ length: LIMITS.writesInCommit }, (_, number) =>
      copyOf('source', `copy ${String(number).padStart(5, '0')}`),
    )
    const tooMany = commits.commit([...writes, deletion('source')], CHANGE)
    await assertRefused(tooMany, 'TooManyWrites')
    assert.deepEqual(await listKeys(store), ['source'])
    const outcomes = await commits.commit(writes, CHANGE)
    assert.equal(outcomes.length, 10_000)
    const page = await store.objects.list(BUCKET, { startAfter: 'copy 09998', limit: 10 })
    assert.deepEqual(
      page.objects.map(({ key }) => key),
      ['copy 09999', 'source'],
    )
    assert.equal(await readText(store, at('copy 05000')), 'text')
  }),

  'commits that race for the same keys are carried out one after the other': committing(
    async (store, commits) => {
      await createBucket(store)
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        const keys = ['a', 'b', 'c']
        const writes = await Promise.all(keys.map((key) => commits.putOf(key, `${writer}`)))
        await commits.commit(writes, CHANGE)
      })
      await Promise.all(writers)
      const contents = await Promise.all(['a', 'b', 'c'].map((key) => readText(store, at(key))))
      assert.equal(new Set(contents).size, 1)
    },
  ),
}
