/** What Coffer's own API sends, as types; the console imports them and nothing else of this program. */
import type { Change } from '../../storage/change-feed.ts'
import type { BackupReport, CompactionReport, ScrubEvent } from '../../storage/maintenance.ts'

/** A committed change as one line of JSON: the sequence as 16 hex digits, which is also its cursor. */
export type ChangeLine = Omit<Change, 'sequence' | 'at'> & {
  readonly sequence: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** What maintenance tells as it goes. A scrub ends with its summary, the others with their report. */
export type MaintenanceLine =
  | { readonly event: 'started' }
  | ScrubEvent
  | ({ readonly event: 'compacted' } & CompactionReport)
  | ({ readonly event: 'backed-up'; readonly folder: string } & BackupReport)

/** What a request that failed answers, and the last line of a stream that broke off. */
export type ErrorLine = {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly requestId: string
  }
}
