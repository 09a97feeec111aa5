import { StorageError } from './storage-error.ts'

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

/**
 * The document that holds a bucket's default retention, `{"mode": "GOVERNANCE", "days": 1}` for
 * example, with `years` instead of `days`, or `{}` for none.
 */
export const OBJECT_LOCK_DOCUMENT = 'object-lock'

/** The longest that S3 takes. @see S3 User Guide, Configuring S3 Object Lock */
const MAX_YEARS = 100

const DAY_MS = 86_400_000

/** What an object's version says of its lock. */
type LockedFields = {
  readonly key: string
  readonly versionId: string
  readonly retention?: Retention
  readonly legalHold: boolean
}
type LockContext = { readonly now: Date; readonly bypassGovernance: boolean }

/** A new version's retention under a bucket's default. S3 counts a year as 365 days. */
export function retentionFromDefault(rule: DefaultRetention, now: Date): Retention {
  const days = rule.days ?? (rule.years ?? 0) * 365
  return { mode: rule.mode, until: new Date(now.getTime() + days * DAY_MS) }
}

/**
 * The rule in an `object-lock` document, undefined for one that is empty.
 * @throws StorageError `InvalidArgument`
 */
export function parseDefaultRetention(content: string): DefaultRetention | undefined {
  const rule = parseJson(content)
  if (typeof rule !== 'object' || rule === null) throw notARule()
  if (Object.keys(rule).length === 0) return undefined
  const { mode, days, years } = { mode: undefined, days: undefined, years: undefined, ...rule }
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw notARule()
  if (isPeriod(days, MAX_YEARS * 365) && years === undefined) return { mode, days }
  if (isPeriod(years, MAX_YEARS) && days === undefined) return { mode, years }
  throw notARule()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notARule(error)
  }
}

function isPeriod(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= max
}

function notARule(cause?: unknown): StorageError {
  return new StorageError(
    'InvalidArgument',
    `A default retention has a mode, GOVERNANCE or COMPLIANCE, and days or years, up to ${MAX_YEARS} years.`,
    { cause },
  )
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
 * Passes when the version's retention may be replaced by `next`: it may always be extended in the
 * same mode; anything else needs a bypass, and is impossible while in compliance mode.
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
  return next.mode === current.mode && next.until >= current.until
}

function locked(version: LockedFields, why: string): StorageError {
  return new StorageError(
    'ObjectLocked',
    `Version ${version.versionId} of "${version.key}" ${why}.`,
    { details: { key: version.key, versionId: version.versionId } },
  )
}
