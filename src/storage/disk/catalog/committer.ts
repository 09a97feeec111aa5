/**
 * The one place that writes the catalog. Writes that wait for the disk are gathered, decided one by
 * one inside one transaction, and made durable by one sync.
 */
import { statfsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { NOBODY, type Origin } from '../../change-feed.ts'
import { StorageError } from '../../storage-error.ts'
import { Draft, RowsNotWritten, type DraftContext, type FreedBody } from './draft.ts'

/** Decides a write with what it reads, and drafts it. Throws to refuse it. */
export type Decide<Result> = (draft: Draft) => Result

export interface Committer {
  /** Resolves when the write is durable. @throws StorageError `StorageFull`, `StoreFailed` */
  commit<Result>(origin: Origin, decide: Decide<Result>): Promise<Result>
  /** Carries out all of them in one commit, each seeing those before it, or none. */
  commitAll<Result>(origin: Origin, decisions: readonly Decide<Result>[]): Promise<Result[]>
  /** From now on nothing is written until a restart. */
  fail(error: StorageError): void
  /** @throws StorageError `StoreFailed` after a failure */
  assertWritable(): void
  /** Resolves when everything that was asked for is durable or refused. */
  drain(): Promise<void>
}

/** What a group of writes left to do. */
export type Committed = { readonly freed: readonly FreedBody[]; readonly announced: number }

export type CommitterOptions = DraftContext & {
  readonly folder: string
  /** Drafts what every transaction may carry along. */
  readonly draftUpkeep: (draft: Draft) => void
  readonly onCommitted: (committed: Committed) => void
  readonly watch?: GroupWatch
}

/** Hears how each group goes, one after the other; of one that fails, only the beginning. */
export interface GroupWatch {
  begun(): void
  decided(writes: number): void
  synced(): void
}

export function createCommitter(options: CommitterOptions): Committer {
  const group = new GroupCommit(options)
  return {
    commit: (origin, decide) =>
      group.enqueue(() => {
        const draft = new Draft(options, origin)
        const result = decide(draft)
        draft.settle()
        draft.write()
        return { result, committed: draft }
      }),
    commitAll: (origin, decisions) =>
      group.enqueue(() => commitAsChild({ options, origin, decisions })),
    fail: (error) => group.fail(error),
    assertWritable: () => group.assertWritable(),
    drain: () => group.drain(),
  }
}

type Done<Result> = { readonly result: Result; readonly committed: Committed }

/** A child transaction is taken back as a whole when something throws in it. */
function commitAsChild<Result>(commit: {
  readonly options: CommitterOptions
  readonly origin: Origin
  readonly decisions: readonly Decide<Result>[]
}): Done<Result[]> {
  const { options, origin, decisions } = commit
  const drafts: Draft[] = []
  const results: Result[] = []
  // Inside a transaction lmdb runs a child at once, whatever its type says.
  void options.tables.environment.childTransaction(() => {
    for (const decide of decisions) {
      const draft = new Draft(options, origin)
      results.push(decide(draft))
      draft.settle()
      draft.write()
      drafts.push(draft)
    }
  })
  return { result: results, committed: merge(drafts) }
}

function merge(all: readonly Committed[]): Committed {
  return {
    freed: all.flatMap(({ freed }) => freed),
    announced: all.reduce((sum, { announced }) => sum + announced, 0),
  }
}

type Job = {
  readonly carryOut: () => Committed
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

class GroupCommit {
  readonly #options: CommitterOptions
  #waiting: Job[] = []
  #running: Promise<void> | undefined
  #failure: StorageError | undefined

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  fail(error: StorageError): void {
    this.#failure ??= error
  }

  assertWritable(): void {
    if (this.#failure === undefined) return
    throw new StorageError('StoreFailed', this.#failure.message, { cause: this.#failure })
  }

  enqueue<Result>(carryOut: () => Done<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result
      this.#waiting.push({
        carryOut() {
          const done = carryOut()
          result = done.result
          return done.committed
        },
        resolve: () => resolve(result),
        reject,
      })
      this.#running ??= this.#run()
    })
  }

  async drain(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitWaiting()
    this.#running = undefined
  }

  async #commitWaiting(): Promise<void> {
    let jobs: readonly Job[] = []
    const accepted: Job[] = []
    const committed: Committed[] = []
    try {
      this.assertWritable()
      const { watch } = this.#options
      await this.#options.tables.environment.transaction(() => {
        watch?.begun()
        // Whatever arrived until lmdb had begun joins this transaction.
        jobs = this.#take()
        committed.push(this.#draftUpkeep())
        for (const job of jobs) {
          const done = attempt(job)
          if (done === undefined) continue
          accepted.push(job)
          committed.push(done)
        }
        watch?.decided(accepted.length)
      })
      watch?.synced()
    } catch (error) {
      await this.#refuse(error, jobs)
      return
    }
    this.#options.onCommitted(merge(committed))
    for (const job of accepted) job.resolve()
  }

  #take(): readonly Job[] {
    const jobs = this.#waiting
    this.#waiting = []
    return jobs
  }

  #draftUpkeep(): Committed {
    const draft = new Draft(this.#options, NOBODY)
    this.#options.draftUpkeep(draft)
    draft.write()
    return draft
  }

  async #refuse(error: unknown, jobs: readonly Job[]): Promise<void> {
    const refusal = await translate(error, this.#options.folder)
    if (refusal.code === 'StoreFailed') this.fail(refusal)
    for (const job of jobs.length > 0 ? jobs : this.#take()) job.reject(refusal)
  }
}

/** Undefined when the job was refused; then it has written nothing. */
function attempt(job: Job): Committed | undefined {
  try {
    return job.carryOut()
  } catch (error) {
    if (error instanceof RowsNotWritten) throw error
    job.reject(error)
    return undefined
  }
}

const ENOSPC = 28
/** With less than this free, a failed commit is put down to that: lmdb calls a short write EIO. */
const FULL_BELOW_BYTES = 1_048_576

/** A transaction that did not fit has left the pages of the one before as they were. */
async function translate(error: unknown, folder: string): Promise<StorageError> {
  if (error instanceof StorageError) return error
  const cause = await causeOf(error)
  if (isDiskFull(cause, folder)) {
    return new StorageError('StorageFull', `No space is left in ${folder}. Delete something.`, {
      cause,
    })
  }
  return new StorageError(
    'StoreFailed',
    `The catalog in ${folder} could not be written. Writes are refused until a restart; check the ` +
      'disk first.',
    { cause },
  )
}

function isDiskFull(cause: unknown, folder: string): boolean {
  if (cause instanceof Error && 'code' in cause && cause.code === ENOSPC) return true
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < FULL_BELOW_BYTES
}

const CAUSE_TIMEOUT_MS = 1000

/** lmdb rejects first and tells the reason through a promise on the error, or not at all. */
async function causeOf(thrown: unknown): Promise<unknown> {
  if (thrown instanceof RowsNotWritten) return thrown.cause
  if (!(thrown instanceof Error) || !('commitError' in thrown)) return thrown
  try {
    return await Promise.race([thrown.commitError, setTimeout(CAUSE_TIMEOUT_MS, thrown)])
  } catch (cause) {
    return cause
  }
}
