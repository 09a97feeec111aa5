import type { CompactionReport, Maintenance, ScrubEvent, UpkeepOptions } from '../../maintenance.ts'
import { StorageError } from '../../storage-error.ts'
import { countCompactions } from '../metrics/count-compactions.ts'
import { startBackgroundCompaction } from './background-compaction.ts'
import { backUp } from './backup.ts'
import { describeStore } from './describe-store.ts'
import { type CompactionOptions, compactTo, TIGHT_RATIO } from './compact.ts'
import { scrub } from './scrub.ts'
import type { UpkeepState } from './upkeep-state.ts'

type Stoppable<Options> = Options & { readonly signal: AbortSignal }

/** Maintenance of an open store. Compaction also goes on by itself until it is stopped. */
export type RunningMaintenance = Maintenance & {
  /** Resolves when nothing of it goes on any more; for the store's close. */
  stop(): Promise<void>
}

export function startMaintenance(state: UpkeepState): RunningMaintenance {
  const stopping = new AbortController()
  const reading = new Set<Promise<unknown>>()
  let turn: Promise<unknown> = Promise.resolve()
  /** Compactions and backups come one after the other: none may move what another one reads. */
  const inTurn = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = turn.then(act, act)
    turn = result.catch(() => undefined)
    return result
  }
  const stoppable = <Options extends Pick<UpkeepOptions, 'signal'>>(
    options: Options,
  ): Stoppable<Options> => {
    if (stopping.signal.aborted) throw new StorageError('Closed', 'The store is closed.')
    const signals = [stopping.signal, ...(options.signal === undefined ? [] : [options.signal])]
    return { ...options, signal: AbortSignal.any(signals) }
  }
  const counted = countCompactions(state.meter)
  let compactions = 0
  const compact = async (given: CompactionOptions): Promise<CompactionReport> => {
    const options = stoppable(given)
    const act = async (): Promise<CompactionReport> => {
      compactions += 1
      return compactTo(state, options).finally(() => (compactions -= 1))
    }
    return counted(() => inTurn(act), options.signal)
  }
  /** What is under way reads the catalog, which is not closed under it. */
  const read = <Value>(step: Promise<Value>): Promise<Value> => {
    reading.add(step)
    return step.finally(() => reading.delete(step))
  }
  async function* scrubInSteps(options: UpkeepOptions): AsyncGenerator<ScrubEvent, void> {
    const events = scrub(state, options)
    for (;;) {
      const { done, value } = await read(events.next())
      if (done === true) return
      yield value
    }
  }
  const background = startBackgroundCompaction(state, compact)
  return {
    scrub: (options = {}) => scrubInSteps(stoppable(options)),
    compact: async (options = {}) => compact({ ...options, targetRatio: TIGHT_RATIO }),
    backup: async (folder, options = {}) => inTurn(() => backUp(state, folder, stoppable(options))),
    async describe() {
      stoppable({})
      return read(describeStore(state, { isCompacting: compactions > 0 }))
    },
    async stop() {
      stopping.abort()
      await background.stop()
      await turn
      await Promise.allSettled(reading)
    },
  }
}
