/** The feed as the API and the command line give it: up to now, or on and on. */
import { cursorAfter, type Change, type ChangeFeed } from '../../storage/change-feed.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { ChangeLine } from './contract.ts'

export type ReadChangesOptions = {
  readonly after: string | undefined
  /** Whether to wait for what is still to come. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

/**
 * The changes after a cursor, oldest first.
 * @throws StorageError `InvalidArgument` at once for what is no cursor, `CursorExpired`
 */
export async function openChanges(
  feed: ChangeFeed,
  options: ReadChangesOptions,
): Promise<AsyncIterable<Change>> {
  const { after, follow, signal } = options
  if (after !== undefined && !/^[0-9a-f]{16}$/.test(after)) {
    throw new StorageError(
      'InvalidArgument',
      `"${after}" is not a cursor; give the 16 hex digits of a change's sequence.`,
    )
  }
  const oldest = await feed.oldest()
  if (after !== undefined && after < oldest) throw expired(after, oldest)
  if (follow) return feed.read(after, signal)
  return readUntil(feed, { ...options, after: after ?? oldest, head: await feed.head() })
}

/** The change with its sequence and time as text. */
export function toChangeLine({ sequence, at, ...rest }: Change): ChangeLine {
  return { sequence: cursorAfter(sequence), at: at.toISOString(), ...rest }
}

async function* readUntil(
  feed: ChangeFeed,
  range: { readonly after: string; readonly head: string; readonly signal: AbortSignal },
): AsyncGenerator<Change> {
  if (range.after >= range.head) return
  for await (const change of feed.read(range.after, range.signal)) {
    yield change
    if (cursorAfter(change.sequence) >= range.head) return
  }
}

function expired(after: string, oldest: string): StorageError {
  return new StorageError(
    'CursorExpired',
    `The changes right after ${after} are no longer kept; the oldest kept come after ${oldest}. ` +
      'List the buckets afresh, then read on from there.',
  )
}
