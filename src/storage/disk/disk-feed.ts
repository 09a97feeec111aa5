import {
  cursorAfter,
  NOBODY,
  sequenceOfCursor,
  type Change,
  type ChangeFeed,
  type FeedLimit,
} from '../change-feed.ts'
import { StorageError } from '../storage-error.ts'
import { decodeNumber, encodeNumber } from './catalog/key-encoding.ts'
import { decodeChange, encodeChange } from './catalog/row-codecs.ts'
import type { Table, Tables } from './catalog/tables.ts'
import type { Committer } from './catalog/committer.ts'
import type { Draft } from './catalog/draft.ts'

/** The feed as the store itself uses it. */
export interface DiskFeed extends ChangeFeed {
  /** Lets readers that wait look again. */
  wake(): void
  /** Ends all readers. */
  close(): void
}

const PAGE = 256
const TRIM_PAGE = 4096
const FORGOTTEN_ROW = Buffer.from('feed-forgotten')
/** At the limit so many go at once, so that not every write has to drop. */
const DROP_SHARE = 1 / 64

export function openDiskFeed(tables: Tables, committer: () => Committer): DiskFeed {
  const waiting = new Set<() => void>()
  let closed = false
  const wake = (): void => {
    for (const resume of waiting) resume()
    waiting.clear()
  }
  const assertOpen = (): void => {
    if (closed) throw new StorageError('Closed', 'The store is closed.')
  }
  return {
    async *read(cursor, signal) {
      assertOpen()
      let passed = cursor === undefined ? findForgotten(tables) : sequenceOfCursor(cursor)
      const isOver = (): boolean => closed || signal.aborted
      signal.addEventListener('abort', wake, { once: true })
      try {
        while (!isOver()) {
          assertKept(tables, passed)
          const page = readPage(tables, passed)
          for (const change of page) {
            if (isOver()) return
            passed = change.sequence
            yield change
          }
          if (page.length === 0) await new Promise<void>((resolve) => waiting.add(resolve))
        }
      } finally {
        signal.removeEventListener('abort', wake)
      }
    },
    async oldest() {
      assertOpen()
      return cursorAfter(findForgotten(tables))
    },
    async head() {
      assertOpen()
      return cursorAfter(findNewest(tables))
    },
    async count() {
      assertOpen()
      return countEntries(tables.changes)
    },
    async trim(cursor) {
      assertOpen()
      const until = sequenceOfCursor(cursor)
      while (await committer().commit(NOBODY, (draft) => draftTrim(draft, until)));
    },
    wake,
    close() {
      closed = true
      wake()
    },
  }
}

/** The sequence of the newest entry; of an empty feed, the newest that was in it. */
export function findNewest(tables: Tables): bigint {
  for (const key of tables.changes.getKeys({ reverse: true, limit: 1 })) return decodeNumber(key)
  return findForgotten(tables)
}

/** The newest entry that was trimmed. */
function findForgotten(tables: Tables): bigint {
  const bytes = tables.meta.get(FORGOTTEN_ROW)
  return bytes === undefined ? 0n : decodeNumber(bytes)
}

function readPage(tables: Tables, passed: bigint): readonly Change[] {
  const rows = tables.changes.getRange({ start: encodeNumber(passed + 1n), limit: PAGE })
  return Array.from(rows, ({ key, value }) => decodeChange(decodeNumber(key), value))
}

function assertKept(tables: Tables, passed: bigint): void {
  if (passed >= findForgotten(tables)) return
  throw new StorageError(
    'CursorExpired',
    `Entries after cursor ${cursorAfter(passed)} were trimmed; start again from the oldest.`,
  )
}

/** Trims a page; gives whether more is left. */
function draftTrim(draft: Draft, until: bigint): boolean {
  const { changes, meta } = draft.tables
  const keys = Array.from(
    changes.getKeys({ start: encodeNumber(0n), end: encodeNumber(until + 1n), limit: TRIM_PAGE }),
  )
  for (const key of keys) draft.remove(changes, key)
  const last = keys.at(-1)
  if (last !== undefined) draft.put(meta, FORGOTTEN_ROW, last)
  return keys.length === TRIM_PAGE
}

/** Makes room in the feed for one more entry. @throws StorageError `FeedFull` */
export type AdmitChange = (draft: Draft) => void

export function createFeedGate(limit: FeedLimit | undefined): AdmitChange {
  if (limit === undefined) return () => undefined
  /** So many entries surely fit; counting them for every change would cost more than writing it. */
  let room = 0
  return (draft) => {
    if (room <= 0) {
      makeRoom(draft, limit)
      room = limit.entries - countEntries(draft.tables.changes) - draft.announced
    }
    room -= 1
  }
}

/** A gap stands where the last dropped entry stood, so that every reader who missed it finds it. */
function makeRoom(draft: Draft, limit: FeedLimit): void {
  const { changes } = draft.tables
  const first = firstEntry(draft)
  const isGap = first?.operation === 'Gap'
  const count = countEntries(changes) - (isGap ? 1 : 0) + draft.announced
  if (count < limit.entries) return
  if (limit.whenFull === 'refuse') {
    throw new StorageError(
      'FeedFull',
      `The change feed holds its limit of ${limit.entries} entries; let its readers catch up.`,
    )
  }
  if (draft.announced > 0) return
  dropOldest(draft, Math.ceil(limit.entries * DROP_SHARE) + (isGap ? 1 : 0))
}

function countEntries(changes: Table): number {
  const statistics: { readonly entryCount?: number } = changes.getStats()
  return statistics.entryCount ?? 0
}

function firstEntry({ tables }: Draft): Change | undefined {
  for (const { key, value } of tables.changes.getRange({ limit: 1 })) {
    return decodeChange(decodeNumber(key), value)
  }
  return undefined
}

function dropOldest(draft: Draft, count: number): void {
  const { tables } = draft
  const dropped = Array.from(tables.changes.getRange({ limit: count }))
  const last = dropped.at(-1)
  if (last === undefined) return
  for (const { key } of dropped) draft.remove(tables.changes, key)
  const { sequence, at } = decodeChange(decodeNumber(last.key), last.value)
  const gap = { formatVersion: 1, sequence, at, operation: 'Gap', bucket: '' } as const
  draft.put(tables.changes, last.key, encodeChange({ ...gap, origin: NOBODY }))
}
