import { StorageError } from './storage-error.ts'
import type { ObjectVersion } from './object-version.ts'

/** Until when a version may not be deleted, and whether a privileged caller may bypass that. */
export type Retention = {
  readonly mode: RetentionMode
  readonly until: Date
}

export type RetentionMode = 'GOVERNANCE' | 'COMPLIANCE'

/** What a bucket with object lock gives to new versions that name no retention of their own. */
export type DefaultRetention = {
  readonly mode: RetentionMode
  readonly days?: number
  readonly years?: number
}

const DAY_MS = 86_400_000

type LockedFields = Pick<ObjectVersion, 'key' | 'versionId' | 'retention' | 'legalHold'>
type LockContext = { readonly now: Date; readonly bypassGovernance: boolean }

/** A new version's retention under a bucket's default. S3 counts a year as 365 days. */
export function retentionFromDefault(rule: DefaultRetention, now: Date): Retention {
  const days = rule.days ?? (rule.years ?? 0) * 365
  return { mode: rule.mode, until: new Date(now.getTime() + days * DAY_MS) }
}

/**
 * Passes when the version may be removed for good.
 * @throws StorageError `ObjectLocked`
 * @see S3 User Guide, Locking objects with Object Lock
 */
export function assertDeletable(version: LockedFields, context: LockContext): void {
  if (version.legalHold) {
    throw locked(version, 'is under a legal hold; release the hold first')
  }
  if (!isInForce(version.retention, context.now)) return
  if (version.retention.mode === 'GOVERNANCE' && context.bypassGovernance) return
  throw locked(version, `is retained until ${version.retention.until.toISOString()}`)
}

/**
 * Passes when the version's retention may be replaced by `next`: it may always be extended in the same
 * mode or made stricter; loosening needs a bypass, and is impossible while in compliance mode.
 * @throws StorageError `ObjectLocked`
 */
export function assertRetentionChange(
  version: LockedFields,
  next: Retention | undefined,
  context: LockContext,
): void {
  const current = version.retention
  if (!isInForce(current, context.now)) return
  if (next !== undefined && isAtLeast(next, current)) return
  if (current.mode === 'GOVERNANCE' && context.bypassGovernance) return
  throw locked(version, `keeps its retention until ${current.until.toISOString()}`)
}

function isInForce(retention: Retention | undefined, now: Date): retention is Retention {
  return retention !== undefined && retention.until > now
}

function isAtLeast(next: Retention, current: Retention): boolean {
  const modeHolds = next.mode === 'COMPLIANCE' || current.mode === 'GOVERNANCE'
  return modeHolds && next.until >= current.until
}

function locked(version: LockedFields, why: string): StorageError {
  return new StorageError(
    'ObjectLocked',
    `Version ${version.versionId} of "${version.key}" ${why}.`,
    { details: { key: version.key, versionId: version.versionId } },
  )
}
