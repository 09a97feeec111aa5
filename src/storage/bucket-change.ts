import type { Bucket, BucketChange } from './object-store.ts'
import { StorageError } from './storage-error.ts'

/**
 * The bucket after the change. Object lock needs versioning enabled, and keeps it so.
 * @throws StorageError `VersioningLocked`
 * @see S3 User Guide, Object Lock considerations
 */
export function changeBucket(bucket: Bucket, change: BucketChange): Bucket {
  const versioning = change.versioning ?? bucket.versioning
  const objectLock = change.objectLock ?? bucket.objectLock
  if (objectLock && versioning !== 'enabled') {
    throw new StorageError(
      'VersioningLocked',
      `Bucket "${bucket.name}" cannot have object lock without versioning; leave versioning enabled.`,
      { details: { bucket: bucket.name } },
    )
  }
  return { ...bucket, versioning, objectLock }
}
