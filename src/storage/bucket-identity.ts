import type { Bucket, ChangeOptions } from './object-store.ts'
import { StorageError } from './storage-error.ts'

/**
 * Passes when the bucket that a change is meant for is still the one of its name; every store asks
 * this inside the commit. @throws StorageError `NoSuchBucket`
 */
export function assertMeant(
  meantFor: ChangeOptions['meantFor'],
  findBucket: (name: string) => Bucket | undefined,
): void {
  if (meantFor === undefined) return
  const { name, owner, createdAt } = meantFor
  const found = findBucket(name)
  if (found?.owner === owner && found.createdAt.getTime() === createdAt.getTime()) return
  throw new StorageError('NoSuchBucket', `The bucket "${name}" was deleted meanwhile.`, {
    details: { bucket: name },
  })
}
