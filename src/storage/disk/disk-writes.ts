// The four kinds of write, drafted: one alone makes a commit, and `commits.commit` drafts many.
import type { BodyDigest } from '../body.ts'
import { assertCopyCondition } from '../condition.ts'
import { versionOfBody, versionOfCopy } from '../new-version.ts'
import type { DeleteOutcome, Write } from '../object-store.ts'
import type { ObjectVersion, VersionEntry } from '../object-version.ts'
import { requireObject } from '../read-plan.ts'
import {
  planDelete,
  planPut,
  planUpdate,
  planVersionDelete,
  type CommitStamp,
  type KeyState,
  type WritePlan,
} from '../write-plan.ts'
import type { BodyId, BodyRecord, StoredBody } from './bodies/bodies.ts'
import { copyRecord } from './body-records.ts'
import {
  findNewestBut,
  findVersion,
  getBlob,
  getBucket,
  getObject,
  readKey,
  type KeyRows,
} from './catalog/catalog.ts'
import {
  encodeName,
  encodeNumber,
  encodeVersionKey,
  encodeWholeKey,
} from './catalog/key-encoding.ts'
import { encodeCurrentRow } from './catalog/current-row.ts'
import { encodeVersionRow } from './catalog/row-codecs.ts'
import type { BucketRow, VersionRow } from './catalog/rows.ts'
import type { Tables } from './catalog/tables.ts'
import type { Draft } from './catalog/draft.ts'

export type WriteOf<Kind extends Write['kind']> = Omit<
  Extract<Write, { kind: Kind }>,
  'kind' | 'body'
>

/** What names the bytes of a new version. */
export type Content = { readonly body: BodyId; readonly manifest?: BodyId | undefined }

export function planPutOf(
  tables: Tables,
  { name, options }: WriteOf<'put'>,
  made: { readonly digest: BodyDigest; readonly stamp: CommitStamp },
): PlannedWrite<ObjectVersion> {
  const rows = readKey(tables, name)
  const plan = planPut(stateOf(rows), versionOfBody(name, made.digest, options), {
    stamp: made.stamp,
    operation: options.operation ?? 'Put',
    condition: options.condition,
  })
  return { rows, plan }
}

export type PlannedCopy = PlannedWrite<ObjectVersion> & { readonly body: BodyId }

export function planCopyOf(
  tables: Tables,
  { source, name, options }: WriteOf<'copy'>,
  stamp: CommitStamp,
): PlannedCopy {
  const { version: copied, body } = getObject(tables, source)
  assertCopyCondition(source.condition, copied)
  const rows = readKey(tables, name)
  const plan = planPut(stateOf(rows), versionOfCopy(copied, name, options), {
    stamp,
    operation: 'Copy',
    condition: options.condition,
  })
  return { rows, plan, body }
}

/** What must be on disk before a copy is committed: nothing for bytes that lie in the catalog. */
export function recordOfCopy(tables: Tables, { plan, body }: PlannedCopy): BodyRecord | undefined {
  return getBlob(tables, body).place.kind === 'inline' ? undefined : copyRecord(plan.result, body)
}

export function carryOutCopy(
  draft: Draft,
  planned: PlannedCopy,
  made: { readonly stamp: CommitStamp; readonly manifest: StoredBody | undefined },
): ObjectVersion {
  const { stamp, manifest } = made
  draft.link(planned.body)
  if (manifest !== undefined) draft.addBody(manifest)
  return carryOut(draft, planned, {
    stamp,
    content: { body: planned.body, manifest: manifest?.id },
  })
}

/** Whether a record that was written before the commit says what the commit would not. */
export function isOvertaken(
  { rows, plan }: PlannedWrite<ObjectVersion>,
  recorded: ObjectVersion,
): boolean {
  const newest = rows.latest?.entry.sequence ?? 0n
  return newest >= recorded.sequence || plan.result.versionId !== recorded.versionId
}

export function draftUpdate(
  draft: Draft,
  { name, change, options }: WriteOf<'update'>,
  stamp: CommitStamp = draft.stamp(),
): ObjectVersion {
  const bucket = getBucket(draft.tables, name.bucket)
  const target = findVersion(draft.tables, bucket, name)
  const plan = planUpdate(bucket, requireObject(name, target?.entry), {
    change,
    now: stamp.at,
    bypassGovernance: options.bypassGovernance,
  })
  if (plan.replace !== undefined && target !== undefined) {
    putVersion(draft, bucket, { ...target, entry: plan.replace })
  }
  if (plan.change !== undefined) draft.announce(plan.change, stamp)
  return plan.result
}

export function draftDelete(
  draft: Draft,
  { name, options }: WriteOf<'delete'>,
  stamp: CommitStamp = draft.stamp(),
): DeleteOutcome {
  const { bucket, key, versionId } = name
  const rows = readKey(draft.tables, name)
  const { condition, bypassGovernance } = options
  const planOptions = { stamp, condition, bypassGovernance }
  if (versionId === undefined) {
    const marker = { bucket, key, owner: rows.bucket.owner }
    const plan = planDelete(stateOf(rows), marker, planOptions)
    return carryOut(draft, { rows, plan }, { stamp })
  }
  const target = findVersion(draft.tables, rows.bucket, name)
  const plan = planVersionDelete(target?.entry, { bucket, key, versionId }, planOptions)
  return carryOut(draft, { rows, plan, target }, { stamp })
}

/** A plan for one key, with the rows that it was made from. */
export type PlannedWrite<Result> = {
  readonly rows: KeyRows
  readonly plan: WritePlan<Result>
  /** The version that was named, when it is neither the newest nor the null version. */
  readonly target?: VersionRow | undefined
}

/** Drafts a plan; `content` belongs to the version that it adds. */
export function carryOut<Result>(
  draft: Draft,
  { rows, plan, target }: PlannedWrite<Result>,
  made: { readonly stamp: CommitStamp; readonly content?: Content },
): Result {
  const { bucket, latest, nullVersion } = rows
  const removed = new Set(plan.remove.map(({ sequence }) => sequence))
  for (const sequence of removed) {
    const rowsOfKey = [latest, nullVersion, target]
    const row = rowsOfKey.find((known) => known?.entry.sequence === sequence)
    if (row !== undefined) removeVersion(draft, bucket, row)
  }
  if (plan.add !== undefined) {
    const { body, manifest } = made.content ?? {}
    putVersion(draft, bucket, { entry: plan.add, body, manifest })
  }
  const newest = plan.add ?? findNewest(draft.tables, rows, removed)
  if (newest !== latest?.entry) showNewest(draft, rows, newest)
  noteNull(draft, rows, { removed, newest })
  if (plan.change !== undefined) draft.announce(plan.change, made.stamp)
  return plan.result
}

export function stateOf({ bucket, latest, nullVersion }: KeyRows): KeyState {
  return { bucket, latest: latest?.entry, nullVersion: nullVersion?.entry }
}

function putVersion(draft: Draft, bucket: BucketRow, row: VersionRow): void {
  const { key, sequence } = row.entry
  const rowKey = encodeVersionKey(bucket.id, key, sequence)
  draft.put(draft.tables.versions, rowKey, encodeVersionRow(row))
}

function removeVersion(draft: Draft, bucket: BucketRow, row: VersionRow): void {
  const { key, sequence } = row.entry
  draft.remove(draft.tables.versions, encodeVersionKey(bucket.id, key, sequence))
  draft.unlink(row.body)
  draft.unlink(row.manifest)
}

function findNewest(
  tables: Tables,
  { bucket, latest }: KeyRows,
  removed: ReadonlySet<bigint>,
): VersionEntry | undefined {
  if (latest === undefined || !removed.has(latest.entry.sequence)) return latest?.entry
  return findNewestBut(tables, bucket, { key: latest.entry.key, removed })?.entry
}

/** Makes `current` say what the key shows from now on. */
function showNewest(
  draft: Draft,
  { bucket, latest }: KeyRows,
  newest: VersionEntry | undefined,
): void {
  const { current } = draft.tables
  if (newest?.deleteMarker === false) {
    draft.put(current, encodeName(bucket.id, newest.key), encodeCurrentRow(newest))
  } else if (latest?.entry.deleteMarker === false) {
    draft.remove(current, encodeName(bucket.id, latest.entry.key))
  }
}

/** Keeps `nulls`: where the null version of a key lies while it is not the newest. */
function noteNull(
  draft: Draft,
  { bucket, latest, nullVersion }: KeyRows,
  after: { readonly removed: ReadonlySet<bigint>; readonly newest: VersionEntry | undefined },
): void {
  if (nullVersion === undefined) return
  const { key, sequence } = nullVersion.entry
  const wasNoted = nullVersion !== latest
  const isNoted = !after.removed.has(sequence) && after.newest?.sequence !== sequence
  const rowKey = encodeWholeKey(bucket.id, key)
  if (isNoted && !wasNoted) draft.put(draft.tables.nulls, rowKey, encodeNumber(sequence))
  if (wasNoted && !isNoted) draft.remove(draft.tables.nulls, rowKey)
}
