/** Keeps the feed from growing for ever: forgets what is old enough and what every reader has read. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { cursorAfter, type ChangeCursor, type ChangeFeed } from '../storage/change-feed.ts'

/** Tells how far a reader has come; nothing after that is forgotten. */
export type ReaderPosition = () => Promise<ChangeCursor>

export type FeedTrimOptions = {
  readonly minimumAgeHours: number
  readonly readers: readonly ReaderPosition[]
  readonly clock: Clock
  readonly log: Log
}

const INTERVAL_MS = 600_000
const HOUR_NS = 3_600_000_000_000n

/** The feed is trimmed now and every ten minutes, until the returned function is called. */
export function startFeedTrim(feed: ChangeFeed, options: FeedTrimOptions): () => void {
  const trim = (): void => {
    trimFeed(feed, options).catch((error: unknown) => options.log.error('feed-trim', { error }))
  }
  const timer = setInterval(trim, INTERVAL_MS).unref()
  trim()
  return () => clearInterval(timer)
}

/** The feed has forgotten what is older than the minimum age, unless a reader still needs it. */
export async function trimFeed(feed: ChangeFeed, options: FeedTrimOptions): Promise<void> {
  const { clock, minimumAgeHours, readers } = options
  // Sequences are the clock's nanoseconds, so a moment is a place in the feed.
  const oldEnough = cursorAfter(clock.nowNs() - BigInt(minimumAgeHours) * HOUR_NS)
  const places = await Promise.all([feed.head(), ...readers.map((position) => position())])
  const cursor = places.reduce((first, place) => (place < first ? place : first), oldEnough)
  if (cursor > (await feed.oldest())) await feed.trim(cursor)
}
