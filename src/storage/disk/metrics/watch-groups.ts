import type { Clock } from '../../../base/clock.ts'
import type { Meter } from '../../../base/metrics/meter.ts'
import type { GroupWatch } from '../catalog/committer.ts'
import { GROUP_DURATION, GROUP_WRITES } from './families.ts'

/** The sizes and times of group commits are measured. */
export function watchGroups(meter: Meter, clock: Clock): GroupWatch {
  const writes = meter.histogram(GROUP_WRITES)
  const deciding = meter.histogram(GROUP_DURATION, { phase: 'decide' })
  const syncing = meter.histogram(GROUP_DURATION, { phase: 'sync' })
  let sinceMs = 0
  return {
    begun() {
      sinceMs = clock.monotonicMs()
    },
    decided(accepted) {
      const nowMs = clock.monotonicMs()
      writes.observe(accepted)
      deciding.observe((nowMs - sinceMs) / 1000)
      sinceMs = nowMs
    },
    synced() {
      syncing.observe((clock.monotonicMs() - sinceMs) / 1000)
    },
  }
}
