import type { Clock } from '../../../base/clock.ts'
import type { DiskState } from '../disk-state.ts'

/** What upkeep works on: the parts of an open store, and where it lies. */
export type UpkeepState = Pick<
  DiskState,
  'tables' | 'bodies' | 'committer' | 'numbers' | 'garbage' | 'log' | 'meter'
> & {
  readonly clock: Clock
  readonly folder: string
  readonly storeId: string
  readonly reserveBytes: number
}
