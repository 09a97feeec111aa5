import type { Clock } from '../../base/clock.ts'
import type { GaugeFamily, Meter, Readings } from '../../base/metrics/meter.ts'
import { type ChangeCursor, type ChangeFeed, sequenceOfCursor } from '../../storage/change-feed.ts'
import type { ReaderPosition } from '../feed-trim.ts'

const ENTRIES: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_feed_entries',
  help: 'How many changes the feed holds',
}

const ENTRIES_MAX: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_feed_max_entries',
  help: 'How many it may hold; then writes are refused, or its oldest entries go',
}

const NEWEST: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_feed_newest_change_timestamp_seconds',
  help: 'When the newest change was made: its sequence, in seconds since 1970',
}

const OLDEST: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_feed_trimmed_timestamp_seconds',
  help: 'When the newest change was made that the feed has forgotten; 0 when it has all',
}

const LAG: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_feed_reader_lag_seconds',
  help: 'Age of the oldest change that a reader has not read; 0 when it has read all',
  labels: ['reader'],
}

export type MeasuredFeed = {
  readonly feed: ChangeFeed
  readonly entriesMax: number
  /** By their names, which are few. */
  readonly readers: ReadonlyMap<string, ReaderPosition>
  readonly clock: Clock
}

/** Each scrape sees how full the feed is then, and how far its readers have come. */
export function readFeed(meter: Meter, measured: MeasuredFeed): void {
  const { feed, entriesMax } = measured
  meter.read([ENTRIES, ENTRIES_MAX, NEWEST, OLDEST], async () => [
    { family: ENTRIES, value: await feed.count() },
    { family: ENTRIES_MAX, value: entriesMax },
    { family: NEWEST, value: secondsOf(await feed.head()) },
    { family: OLDEST, value: secondsOf(await feed.oldest()) },
  ])
  meter.read([LAG], () => readLags(measured))
}

async function readLags({ feed, readers, clock }: MeasuredFeed): Promise<Readings> {
  const lags = Array.from(readers, async ([reader, position]) => {
    const unread = await findUnread(feed, await position())
    const value = unread === undefined ? 0 : Math.max(0, clock.now() / 1000 - unread)
    return { family: LAG, labels: { reader }, value }
  })
  return Promise.all(lags)
}

/** When the first change after a place was made. */
async function findUnread(feed: ChangeFeed, place: ChangeCursor): Promise<number | undefined> {
  if (place >= (await feed.head())) return undefined
  const signal = new AbortController().signal
  for await (const { sequence } of feed.read(place, signal)) return toSeconds(sequence)
  return undefined
}

function secondsOf(cursor: ChangeCursor): number {
  return toSeconds(sequenceOfCursor(cursor))
}

function toSeconds(sequence: bigint): number {
  return Number(sequence / 1000n) / 1e6
}
