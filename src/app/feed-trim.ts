/** Keeps the feed from growing for ever: what is old enough, and read by every reader, goes. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { cursorAfter, type ChangeCursor, type ChangeFeed } from '../storage/change-feed.ts'
import { isStorageError } from '../storage/storage-error.ts'

/** Tells how far a reader has come; nothing after that is forgotten. */
export type ReaderPosition = () => Promise<ChangeCursor>

export type FeedTrimOptions = {
  readonly minimumAgeHours: number
  /** Near so many entries, the oldest go before their age, if every reader has read them. */
  readonly entriesMax: number
  readonly readers: readonly ReaderPosition[]
  readonly clock: Clock
  readonly log: Log
}

const INTERVAL_MS = 60_000
const HOUR_NS = 3_600_000_000_000n
/** How full the feed may be; the rest is for what is written until the next trim. */
const FULL_SHARE = 0.9

/** The feed is trimmed now and every minute, until the returned function is called. */
export function startFeedTrim(feed: ChangeFeed, options: FeedTrimOptions): () => void {
  let isTrimming = false
  const trim = async (): Promise<void> => {
    if (isTrimming) return
    isTrimming = true
    await trimFeed(feed, options).catch((error: unknown) => {
      // A stop does not wait for a trim; the next start goes on with it.
      if (!isStorageError(error, 'Closed')) options.log.error('feed-trim', { error })
    })
    isTrimming = false
  }
  const timer = setInterval(() => void trim(), INTERVAL_MS).unref()
  void trim()
  return () => clearInterval(timer)
}

/** The feed has forgotten what is too old or too much, unless a reader still needs it. */
export async function trimFeed(feed: ChangeFeed, options: FeedTrimOptions): Promise<void> {
  const { clock, minimumAgeHours, entriesMax, readers } = options
  // Sequences are the clock's nanoseconds, so a moment is a place in the feed.
  const oldEnough = cursorAfter(clock.nowNs() - BigInt(minimumAgeHours) * HOUR_NS)
  const excess = (await feed.count()) - Math.floor(entriesMax * FULL_SHARE)
  const tooMany = excess > 0 ? await findPlaceAfter(feed, excess) : oldEnough
  const places = await Promise.all([feed.head(), ...readers.map((position) => position())])
  const wanted = tooMany > oldEnough ? tooMany : oldEnough
  const cursor = places.reduce((first, place) => (place < first ? place : first), wanted)
  if (cursor > (await feed.oldest())) await feed.trim(cursor)
}

/** The place after so many of the oldest entries. */
async function findPlaceAfter(feed: ChangeFeed, entries: number): Promise<ChangeCursor> {
  const oldest = await feed.oldest()
  let passed = 0
  for await (const change of feed.read(oldest, new AbortController().signal)) {
    passed++
    if (passed === entries) return cursorAfter(change.sequence)
  }
  return oldest
}
