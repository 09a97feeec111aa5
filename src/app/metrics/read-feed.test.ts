import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../base/clock.ts'
import { createRegistry } from '../../base/metrics/registry.ts'
import { createBucket, put } from '../../storage/conformance/actions.ts'
import { openMemoryStore } from '../../storage/memory/memory-store.ts'
import { readFeed } from './read-feed.ts'

const MINUTE_MS = 60_000

test('a reader lags by the age of the oldest change that it has not read', async () => {
  const clock = createManualClock(new Date('2026-01-01T00:00:00Z'))
  const store = await openMemoryStore({ clock })
  const feed = store.changes ?? assert.fail('The store has no feed.')
  await createBucket(store)
  const start = await feed.head()
  await put(store, 'first', 'x')
  clock.advance(5 * MINUTE_MS)
  const middle = await feed.head()
  await put(store, 'second', 'x')
  clock.advance(MINUTE_MS)

  const registry = createRegistry((error) => assert.fail(String(error)))
  const readers = new Map([
    ['behind', async () => start],
    ['nearly there', async () => middle],
    ['there', () => feed.head()],
  ])
  readFeed(registry, { feed, entriesMax: 10, readers, clock })
  const figures = await registry.collect()
  const valuesOf = (name: string): readonly number[] => {
    const found = figures.find(({ family }) => family.name === name)
    return found?.samples.map(({ value }) => Math.round(value)) ?? []
  }
  assert.deepEqual(valuesOf('coffer_feed_reader_lag_seconds'), [360, 60, 0])
  assert.deepEqual(valuesOf('coffer_feed_entries'), [3])
  const secondAtMs = clock.now() - MINUTE_MS
  assert.deepEqual(valuesOf('coffer_feed_newest_change_timestamp_seconds'), [secondAtMs / 1000])
})
