// Whoever keeps copies of rows in memory must hear of changes that other processes commit. Every
// commit raises a counter; this looks at it every two seconds, and on demand.
import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import type { Tables } from '../../../tables/tables.ts'
import { AccessError } from './access-error.ts'

export type RevisionWatch = {
  /**
   * Passes while what is kept may be believed: the counter was seen within the last five seconds,
   * or is now. @throws AccessError `DirectoryUnavailable`
   */
  assertFresh(): Promise<void>
  /** Looks at the counter, after this call was made. @throws AccessError `DirectoryUnavailable` */
  look(): Promise<void>
  stop(): void
}

type WatchOptions = {
  readonly tables: Tables
  readonly clock: Clock
  readonly log: Log
  /** Replaces all that is kept; called at the start, and whenever the counter has moved. */
  readonly onChange: () => Promise<void>
  /** Called when the counter was seen and what is kept may be believed. */
  readonly onSeen: () => void
}

const INTERVAL_MS = 2000
/** A revocation takes effect everywhere within this time. */
const STALE_MS = 5000

/** What is kept has been loaded; the counter is looked at until the watch is stopped. */
export async function startRevisionWatch(options: WatchOptions): Promise<RevisionWatch> {
  const { clock, log } = options
  let seenAtMs = -Infinity
  let revision: number | undefined
  const lookNow = async (): Promise<void> => {
    // The moment before the question, since a change may come right after the answer.
    const askedAtMs = clock.monotonicMs()
    const found = await readRevision(options.tables)
    if (found !== revision) await options.onChange()
    revision = found
    seenAtMs = askedAtMs
    options.onSeen()
  }
  const look = inTurn(() => lookNow().catch(throwUnavailable))
  await look()
  const timer = setInterval(() => {
    void look().catch((error: unknown) => log.error('access-refresh', { error }))
  }, INTERVAL_MS).unref()
  return {
    look,
    async assertFresh() {
      if (clock.monotonicMs() - seenAtMs > STALE_MS) await look()
    },
    stop: () => clearInterval(timer),
  }
}

/** One at a time; calls that come while one is under way wait together for the next. */
function inTurn(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    next = undefined
    running = act()
    return running
  }
  return () => (next ??= running.then(begin, begin))
}

async function readRevision({ database }: Tables): Promise<number> {
  const { value } = await database
    .selectFrom('revisions')
    .select('value')
    .where('name', '=', 'access')
    .executeTakeFirstOrThrow()
  return value
}

function throwUnavailable(cause: unknown): never {
  throw new AccessError(
    'DirectoryUnavailable',
    'The tables cannot be read, so nobody knows who may do what. The log says why.',
    { cause },
  )
}
