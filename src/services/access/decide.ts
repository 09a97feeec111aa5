import type { Storage } from '../../storage/storage.ts'
import type { Decide } from './question.ts'

/** Decides for one storage. */
export function createDecide(storage: Storage): Decide {
  return async ({ caller, action, resource }) => {
    if (caller.kind !== 'root') return { allowed: false, reason: 'only accounts may do anything' }
    if (resource.bucket === undefined || action === 's3:CreateBucket') return ALLOWED
    const { owner } = await storage.buckets.get(resource.bucket)
    if (owner === caller.account) return ALLOWED
    return { allowed: false, reason: `the bucket belongs to ${owner}` }
  }
}

const ALLOWED = { allowed: true, reason: 'it is the root of its account' }
