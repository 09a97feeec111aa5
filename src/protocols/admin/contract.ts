/** What Coffer's own API sends, as types. The console imports them, and nothing else of src. */
import type { Change } from '../../storage/change-feed.ts'
import type { BackupReport, CompactionReport, ScrubEvent } from '../../storage/maintenance.ts'

/** A change as one line of JSON; its sequence, as 16 hex digits, is also the cursor after it. */
export type ChangeLine = Omit<Change, 'sequence' | 'at'> & {
  readonly sequence: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** What maintenance tells as it goes. A scrub ends with a summary, the others with a report. */
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
