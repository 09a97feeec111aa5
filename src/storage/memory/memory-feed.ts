import {
  cursorAfter,
  NOBODY,
  sequenceOfCursor,
  type Change,
  type ChangeCursor,
  type ChangeFeed,
  type FeedLimit,
} from '../change-feed.ts'
import { StorageError } from '../storage-error.ts'
import { partitionPoint } from './partition-point.ts'

const UNLIMITED: FeedLimit = { entries: Infinity, whenFull: 'refuse' }

/** Changes in an array. What was trimmed is known by the highest sequence that was forgotten. */
export class MemoryFeed implements ChangeFeed {
  #entries: Change[] = []
  #newest = 0n
  #forgotten = 0n
  #closed = false
  readonly #limit: FeedLimit
  readonly #waiting = new Set<() => void>()

  constructor(limit: FeedLimit = UNLIMITED) {
    this.#limit = limit
  }

  get newest(): bigint {
    return this.#newest
  }

  /** Adds all changes or none. @throws StorageError `FeedFull` */
  append(changes: readonly Change[]): void {
    const { entries: limit, whenFull } = this.#limit
    const gaps = this.#entries[0]?.operation === 'Gap' ? 1 : 0
    const excess = this.#entries.length - gaps + changes.length - limit
    if (excess > 0 && changes.length > 0 && whenFull === 'refuse') {
      throw new StorageError(
        'FeedFull',
        `The change feed holds its limit of ${limit} entries; let its readers catch up.`,
      )
    }
    for (const change of changes) this.#entries.push(change)
    this.#newest = changes.at(-1)?.sequence ?? this.#newest
    if (excess > 0) this.#dropOldest(excess + gaps)
    this.wake()
  }

  async *read(cursor: ChangeCursor | undefined, signal: AbortSignal): AsyncGenerator<Change, void> {
    let passed = cursor === undefined ? this.#forgotten : sequenceOfCursor(cursor)
    const wake = (): void => this.wake()
    signal.addEventListener('abort', wake)
    try {
      while (!signal.aborted) {
        this.#assertReadable(passed)
        const change = this.#entries[this.#countUntil(passed)]
        if (change === undefined) {
          await new Promise<void>((resolve) => this.#waiting.add(resolve))
        } else {
          passed = change.sequence
          yield change
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  async oldest(): Promise<ChangeCursor> {
    this.#assertReadable(this.#forgotten)
    return cursorAfter(this.#forgotten)
  }

  async head(): Promise<ChangeCursor> {
    this.#assertReadable(this.#forgotten)
    return cursorAfter(this.#newest)
  }

  async count(): Promise<number> {
    this.#assertReadable(this.#forgotten)
    return this.#entries.length
  }

  async trim(cursor: ChangeCursor): Promise<void> {
    this.#assertReadable(this.#forgotten)
    const trimmed = this.#entries.splice(0, this.#countUntil(sequenceOfCursor(cursor)))
    this.#forgotten = trimmed.at(-1)?.sequence ?? this.#forgotten
  }

  /** Lets readers that wait look again. */
  wake(): void {
    for (const resume of this.#waiting) resume()
    this.#waiting.clear()
  }

  close(): void {
    this.#closed = true
    this.wake()
  }

  /**
   * The gap stands where the last dropped entry stood, so that every reader who missed it finds it.
   */
  #dropOldest(count: number): void {
    const last = this.#entries.splice(0, count).at(-1)
    if (last === undefined) return
    const { sequence, at } = last
    const gap = { formatVersion: 1, sequence, at, operation: 'Gap', bucket: '' } as const
    this.#entries.unshift({ ...gap, origin: NOBODY })
  }

  #countUntil(sequence: bigint): number {
    return partitionPoint(this.#entries, (change) => change.sequence <= sequence)
  }

  #assertReadable(passed: bigint): void {
    if (this.#closed) throw new StorageError('Closed', 'The store is closed.')
    if (passed >= this.#forgotten) return
    throw new StorageError(
      'CursorExpired',
      `Entries after cursor ${cursorAfter(passed)} were trimmed; start again from the oldest.`,
    )
  }
}
