/** What Coffer's own API sends, as types. The console imports them, and nothing else of src. */
import type { Change } from '../../storage/change-feed.ts'
import type {
  AccountRecord,
  GroupDescription,
  GroupRecord,
  KeyRecord,
  MadeKey,
  PolicyDescription,
  PolicyRecord,
  UserDescription,
  UserRecord,
} from '../../services/access/directory/records.ts'
import type { Decision } from '../../services/access/question.ts'
import type {
  BackupReport,
  CompactionReport,
  ScrubEvent,
  StoreDescription,
} from '../../storage/maintenance.ts'

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

/** What the program that answers is. */
export type ProgramFacts = {
  readonly version: string
  readonly startedAt: Date
  /** How many threads answer requests. */
  readonly threads: number
}

/** What runs, and what it keeps. Absent is what its store does not have. */
export type ServerAnswer = ProgramFacts & {
  readonly uptimeSeconds: number
  readonly buckets: number
  readonly store?: StoreDescription
  readonly feed?: FeedAnswer
}

/** `head` is the cursor after the newest entry. */
export type FeedAnswer = {
  readonly entries: number
  readonly head: string
  readonly oldestAt?: Date
  readonly newestAt?: Date
}

/** What a request that failed answers, and the last line of a stream that broke off. */
export type ErrorLine = {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly requestId: string
  }
}

// ---- Who exists. Moments go over the wire as ISO 8601, UTC.

export type AccountAnswer = AccountRecord
export type AccountList = { readonly accounts: readonly AccountRecord[] }
export type UserAnswer = UserDescription
export type UserList = { readonly users: readonly UserRecord[] }
export type KeyList = { readonly keys: readonly KeyRecord[] }
/** The one answer with a secret in it. */
export type MadeKeyAnswer = MadeKey
export type GroupAnswer = GroupDescription
export type GroupList = { readonly groups: readonly GroupRecord[] }
export type PolicyAnswer = PolicyDescription
export type PolicyList = { readonly policies: readonly PolicyRecord[] }
export type WhyAnswer = Decision

/** An answer as JSON gives it back: moments are texts. */
export type AsJson<Answer> = Answer extends Date
  ? string
  : Answer extends object
    ? { readonly [Field in keyof Answer]: AsJson<Answer[Field]> }
    : Answer
