// The retention that a bucket with object lock gives to new versions, from its `object-lock` document.
import type { Clock } from '../../base/clock.ts'
import type { NewVersion, ObjectStore } from '../object-store.ts'
import { retentionFromDefault, type DefaultRetention, type Retention } from '../retention.ts'
import { invalidArgument } from './check-arguments.ts'

/** Its content is `{"mode": "GOVERNANCE" | "COMPLIANCE", "days": 1}`, or `years`; or `{}` for no default. */
export const OBJECT_LOCK_DOCUMENT = 'object-lock'

/** The longest that S3 takes. @see S3 User Guide, Configuring S3 Object Lock */
const MAX_YEARS = 100

export type ResolveRetention = <Options extends Partial<Pick<NewVersion, 'retention'>>>(
  bucket: string,
  options: Options,
) => Promise<Options>

/** Gives options the bucket's default where they name no retention of their own. */
export function createRetentionResolver(
  store: Pick<ObjectStore, 'buckets' | 'documents'>,
  clock: Clock,
): ResolveRetention {
  return async (bucket, options) => {
    if (options.retention !== undefined) return options
    const { objectLock } = await store.buckets.get(bucket)
    if (!objectLock) return options
    const document = await store.documents.find(bucket, OBJECT_LOCK_DOCUMENT)
    const rule = document && parseDefaultRetention(document.content)
    if (rule === undefined) return options
    const retention: Retention = retentionFromDefault(rule, new Date(clock.now()))
    return { ...options, retention }
  }
}

/** @throws StorageError `InvalidArgument` */
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
  } catch {
    throw notARule()
  }
}

function isPeriod(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= max
}

function notARule(): Error {
  return invalidArgument(
    `A default retention has a mode, GOVERNANCE or COMPLIANCE, and days or years, up to ${MAX_YEARS} years.`,
  )
}
