import type { Storage } from '../../../storage/storage.ts'
import { S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'

/**
 * Policies are the business of the bucket's account, whatever they allow to others.
 * @throws S3Error `MethodNotAllowed` @see S3 API Reference, PutBucketPolicy, Permissions
 */
export async function assertOwnBucket({ bucket, caller }: S3Call, storage: Storage): Promise<void> {
  const { owner } = await storage.buckets.get(bucket)
  if (owner !== caller.account) throw new S3Error('MethodNotAllowed')
}
