import type { Clock } from '../../../base/clock.ts'
import type { Meter } from '../../../base/metrics/meter.ts'
import type { Disk } from '../bodies/disk.ts'
import { BODY_SYNC_DURATION, BODY_WRITTEN } from './families.ts'

/** The same disk; what is written and synced on it is measured. */
export function measuredDisk(disk: Disk, meter: Meter, clock: Clock): Disk {
  const syncing = meter.histogram(BODY_SYNC_DURATION)
  const written = meter.counter(BODY_WRITTEN)
  return {
    ...disk,
    files: {
      ...disk.files,
      async write(fd, buffers, position) {
        await disk.files.write(fd, buffers, position)
        for (const { length } of buffers) written.add(length)
      },
      async sync(fd) {
        const startedMs = clock.monotonicMs()
        await disk.files.sync(fd)
        syncing.observe((clock.monotonicMs() - startedMs) / 1000)
      },
    },
  }
}
