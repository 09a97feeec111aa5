import type { Meter } from '../../../base/metrics/meter.ts'
import type { CompactionReport } from '../../maintenance.ts'
import { COMPACTION_FREED, COMPACTION_MOVED, COMPACTIONS } from './families.ts'

export type CompactionCount = (
  compact: () => Promise<CompactionReport>,
  signal: AbortSignal,
) => Promise<CompactionReport>

/** Each compaction is counted by how it ended, and what it moved and freed. */
export function countCompactions(meter: Meter): CompactionCount {
  const done = meter.counter(COMPACTIONS, { outcome: 'done' })
  const failed = meter.counter(COMPACTIONS, { outcome: 'failed' })
  const stopped = meter.counter(COMPACTIONS, { outcome: 'stopped' })
  const moved = meter.counter(COMPACTION_MOVED)
  const freed = meter.counter(COMPACTION_FREED)
  return async (compact, signal) => {
    try {
      const report = await compact()
      done.add(1)
      moved.add(report.bytesMoved)
      freed.add(report.bytesFreed)
      return report
    } catch (error) {
      const ended = signal.aborted ? stopped : failed
      ended.add(1)
      throw error
    }
  }
}
