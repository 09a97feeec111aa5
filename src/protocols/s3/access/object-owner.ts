// Whose a new object is: the writer's, or its bucket's account's.
import { getObjectOwnership, type ObjectOwnership } from '../../../services/access/bucket-access.ts'
import type { Account } from '../../../services/access/caller.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findHeader } from '../../http/request.ts'
import type { S3Call } from '../operation.ts'

/** Where an object is written to, as far as it matters for whose it is. */
export type Ownership = {
  readonly objectOwnership: ObjectOwnership
  readonly bucketOwner: string
  /** The account that owns what the call writes. */
  readonly owner: string
}

/**
 * @throws StorageError `NoSuchBucket`
 * @see S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket"
 */
export async function findOwnership(call: S3Call, storage: Storage): Promise<Ownership> {
  const { owner: bucketOwner } = await storage.buckets.get(call.bucket)
  const objectOwnership = await getObjectOwnership(storage, call.bucket)
  const isBuckets =
    objectOwnership === 'BucketOwnerEnforced' ||
    (objectOwnership === 'BucketOwnerPreferred' &&
      findHeader(call.headers, 'x-amz-acl') === 'bucket-owner-full-control')
  return { objectOwnership, bucketOwner, owner: isBuckets ? bucketOwner : call.caller.account }
}

/**
 * Whom lists show as the owner of what an account wrote: where the bucket's account owns all, it
 * owns what others wrote before that, too.
 */
export async function findShownOwners(
  { bucket, site }: Pick<S3Call, 'bucket' | 'site'>,
  storage: Storage,
): Promise<(writer: string) => Account> {
  const { owner } = await storage.buckets.get(bucket)
  const isBuckets = (await getObjectOwnership(storage, bucket)) === 'BucketOwnerEnforced'
  const all = isBuckets ? site.accounts.describe(owner) : undefined
  return (writer) => all ?? site.accounts.describe(writer)
}
