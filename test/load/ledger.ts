// What a load asked for, when it was answered and what was still under way, so that a check can say
// afterwards what must be there. "When" is a position: the length of the recorded log, or a plain
// count. No key has two requests under way at once, so what a key may show at any position is one
// state, or two while a request is open.
import type { BodySeed } from './seeded.ts'

export type Versioning = 'unversioned' | 'enabled' | 'suspended'

/** What an entry exercises; the report gives the share of each. */
export const FEATURES = [
  'small',
  'segment',
  'file',
  'multipart',
  'overwrite',
  'delete',
  'copy',
  'conditional',
] as const

export type Feature = (typeof FEATURES)[number]

export type EntryAnswer = {
  readonly position: number
  /** True when the server said no and changed nothing. */
  readonly refused: boolean
  readonly etag?: string | undefined
  readonly versionId?: string | undefined
}

export type Entry = {
  readonly bucket: string
  readonly key: string
  readonly act: 'put' | 'delete' | 'delete-version'
  readonly features: readonly Feature[]
  /** What a put puts; its bytes follow from the seeds. */
  readonly content?: readonly BodySeed[]
  /** What a delete-version deletes. */
  readonly target?: string | undefined
  readonly startPosition: number
  /**
   * Absent while under way, and for good when the connection broke: then it may have happened or
   * not.
   */
  answer?: EntryAnswer | undefined
}

export type KeyHistory = {
  readonly bucket: string
  readonly key: string
  /** The worker that alone writes this key. */
  readonly owner: number
  readonly entries: Entry[]
}

export type BucketEntry = {
  readonly bucket: string
  readonly versioning: Versioning
  readonly startPosition: number
  answerPosition?: number
}

export type UploadEntry = {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  readonly begunPosition: number
  readonly parts: {
    readonly partNumber: number
    readonly etag: string
    readonly position: number
  }[]
  /** When the request that completes it was sent and when it was answered. */
  closingPosition?: number
  closedPosition?: number
}

export type Ledger = {
  readonly buckets: BucketEntry[]
  readonly histories: Map<string, KeyHistory>
  readonly uploads: UploadEntry[]
  /** Where "now" is. */
  readonly position: () => number
}

/** One version as a key may show it. */
export type ExpectedVersion = {
  /** Undefined while the server's answer, which names it, is open. */
  readonly versionId: string | undefined
  readonly deleteMarker: boolean
  readonly content: readonly BodySeed[]
  readonly etag: string | undefined
}

/** What a key may show at a position: newest version first, and the entries that led there. */
export type Candidate = {
  readonly versions: readonly ExpectedVersion[]
  readonly applied: readonly Entry[]
}

const NULL_VERSION = 'null'

export function createLedger(position: () => number): Ledger {
  return { buckets: [], histories: new Map(), uploads: [], position }
}

/** Unambiguous, as bucket names hold no slash. */
export function nameOf({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return `${bucket}/${key}`
}

export function isSettled(entry: Entry): boolean {
  return entry.answer !== undefined
}

export function wasApplied(entry: Entry, position: number): boolean {
  return entry.answer !== undefined && !entry.answer.refused && entry.answer.position <= position
}

function isOpen(entry: Entry, position: number): boolean {
  if (entry.startPosition > position) return false
  return entry.answer === undefined || entry.answer.position > position
}

/**
 * The states that a key may show at `position`: with and without the request that was open then.
 */
export function candidatesAt(
  history: KeyHistory,
  { versioning, position }: { readonly versioning: Versioning; readonly position: number },
): readonly Candidate[] {
  const applied = history.entries.filter((entry) => wasApplied(entry, position))
  const versions = versionsAfter(applied, versioning)
  const open = history.entries.find((entry) => isOpen(entry, position))
  if (open === undefined || open.answer?.refused === true) return [{ versions, applied }]
  const both = [...applied, open]
  return [
    { versions, applied },
    { versions: versionsAfter(both, versioning), applied: both },
  ]
}

/** S3's rules of versions, for the few requests that the load makes. */
export function versionsAfter(
  entries: readonly Entry[],
  versioning: Versioning,
): readonly ExpectedVersion[] {
  let versions: readonly ExpectedVersion[] = []
  for (const entry of entries) {
    if (entry.act === 'delete-version') {
      versions = versions.filter(({ versionId }) => versionId !== entry.target)
      continue
    }
    const kept = versions.filter(
      ({ versionId }) => versioning === 'enabled' || versionId !== NULL_VERSION,
    )
    const leavesNothing = entry.act === 'delete' && versioning === 'unversioned'
    versions = leavesNothing ? kept : [versionFrom(entry, versioning), ...kept]
  }
  return versions
}

function versionFrom(entry: Entry, versioning: Versioning): ExpectedVersion {
  return {
    versionId: versioning === 'enabled' ? entry.answer?.versionId : NULL_VERSION,
    deleteMarker: entry.act === 'delete',
    content: entry.content ?? [],
    etag: entry.answer?.etag,
  }
}

export type AcknowledgedCount = {
  readonly all: number
  readonly byFeature: ReadonlyMap<Feature, number>
}

/** How many entries were acknowledged up to `position`, in all and by feature. */
export function countAcknowledged(
  { histories }: Ledger,
  position: number = Number.POSITIVE_INFINITY,
): AcknowledgedCount {
  const acknowledged = [...histories.values()]
    .flatMap(({ entries }) => entries)
    .filter((entry) => wasApplied(entry, position))
  const byFeature = FEATURES.map((feature) => {
    return [
      feature,
      acknowledged.filter(({ features }) => features.includes(feature)).length,
    ] as const
  })
  return { all: acknowledged.length, byFeature: new Map(byFeature) }
}
