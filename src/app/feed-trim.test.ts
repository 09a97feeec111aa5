import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createManualClock, type ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { cursorAfter, type Change, type ChangeFeed, type Origin } from '../storage/change-feed.ts'
import { openMemoryStore } from '../storage/memory/memory-store.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { trimFeed, type FeedTrimOptions } from './feed-trim.ts'

const HOUR_MS = 3_600_000
const NOBODY: Origin = {
  account: 'a',
  identity: 'i',
  requestId: 'r',
  sourceAddress: '',
  userAgent: '',
  ancestry: [],
}

type Opened = {
  readonly store: ObjectStore
  readonly feed: ChangeFeed
  readonly clock: ManualClock
  readonly options: FeedTrimOptions
}

/** A feed with a change in each of the hours from 0 to 9; it is 9 o'clock. */
async function open(context: TestContext): Promise<Opened> {
  const clock = createManualClock(new Date('2026-01-01T00:00:00Z'))
  const store = await openMemoryStore({ clock })
  context.after(() => store.close())
  for (let hour = 0; hour < 10; hour++) {
    if (hour > 0) clock.advance(HOUR_MS)
    await store.buckets.create(`hour-${hour}`, { origin: NOBODY, owner: 'a', objectLock: false })
  }
  assert.ok(store.changes !== undefined)
  const options = { minimumAgeHours: 4, entriesMax: 100, readers: [], clock, log: silentLog }
  return { store, feed: store.changes, clock, options }
}

async function readAll(feed: ChangeFeed): Promise<readonly Change[]> {
  const changes: Change[] = []
  const left = await feed.count()
  if (left === 0) return changes
  for await (const change of feed.read(await feed.oldest(), new AbortController().signal)) {
    changes.push(change)
    if (changes.length === left) break
  }
  return changes
}

async function bucketsIn(feed: ChangeFeed): Promise<readonly string[]> {
  return (await readAll(feed)).map(({ bucket }) => bucket)
}

test('what is younger than the minimum age stays', async (context) => {
  const { feed, options } = await open(context)
  await trimFeed(feed, options)
  assert.deepEqual(await bucketsIn(feed), ['hour-6', 'hour-7', 'hour-8', 'hour-9'])
})

test('what a reader has not read stays, however old it is', async (context) => {
  const { feed, options } = await open(context)
  const [, second] = await readAll(feed)
  const reader = async (): Promise<string> => cursorAfter(second?.sequence ?? 0n)
  await trimFeed(feed, { ...options, readers: [reader] })
  assert.equal((await bucketsIn(feed))[0], 'hour-2')
})

test('near its limit the feed forgets the oldest before their time', async (context) => {
  const { feed, options } = await open(context)
  await trimFeed(feed, { ...options, minimumAgeHours: 100, entriesMax: 5 })
  assert.deepEqual(await bucketsIn(feed), ['hour-6', 'hour-7', 'hour-8', 'hour-9'])
})

test('near its limit, too, what a reader has not read stays', async (context) => {
  const { feed, options } = await open(context)
  const reader = (): Promise<string> => feed.oldest()
  await trimFeed(feed, { ...options, minimumAgeHours: 100, entriesMax: 5, readers: [reader] })
  assert.equal((await bucketsIn(feed)).length, 10)
})

test('a feed whose clock was set back loses nothing', async (context) => {
  const { feed, options } = await open(context)
  const earlier = createManualClock(new Date('2025-12-01T00:00:00Z'))
  await trimFeed(feed, { ...options, clock: earlier })
  assert.equal((await bucketsIn(feed)).length, 10)
})
