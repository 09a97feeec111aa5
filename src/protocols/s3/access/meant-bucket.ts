// A body may take hours to come. The bucket that its call was admitted to may be gone by then, and
// its name be another account's: every change says which one it is meant for.
import type { ChangeOptions } from '../../../storage/object-store.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { S3Call } from '../operation.ts'

/** The bucket as it is before anything is admitted, for a call that may change something in it. */
export async function findMeant(
  { http, bucket }: Pick<S3Call, 'http' | 'bucket'>,
  storage: Storage,
): Promise<ChangeOptions['meantFor']> {
  if (bucket === '' || http.method === 'GET' || http.method === 'HEAD') return undefined
  try {
    const { name, owner, createdAt } = await storage.buckets.get(bucket)
    return { name, owner, createdAt }
  } catch (error) {
    // What is admitted now is not meant for a bucket that somebody makes meanwhile.
    if (isStorageError(error, 'NoSuchBucket')) return nobody(bucket)
    throw error
  }
}

/** No bucket is this one. */
function nobody(name: string): NonNullable<ChangeOptions['meantFor']> {
  return { name, owner: '', createdAt: new Date(0) }
}
