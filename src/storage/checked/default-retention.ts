// The retention that a bucket with object lock gives to new versions, from its `object-lock`
// document.
import type { Clock } from '../../base/clock.ts'
import type { NewVersion, ObjectStore } from '../object-store.ts'
import { OBJECT_LOCK_DOCUMENT, parseDefaultRetention, retentionFromDefault } from '../retention.ts'

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
    const retention = retentionFromDefault(rule, new Date(clock.now()))
    return { ...options, retention }
  }
}
