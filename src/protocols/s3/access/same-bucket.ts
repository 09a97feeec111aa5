// A body may take hours to come. The bucket that its call was admitted to may be gone by then, and
// its name be another account's.
import type { IncomingBytes } from '../../../storage/incoming-bytes.ts'
import type { Bucket } from '../../../storage/object-store.ts'
import { isStorageError, StorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { S3Call } from '../operation.ts'

/** The same body, which does not end well unless the bucket is still the one that it was. */
export async function tieToBucket(
  body: IncomingBytes,
  { http, bucket }: Pick<S3Call, 'http' | 'bucket'>,
  storage: Storage,
): Promise<IncomingBytes> {
  if (http.contentLength === 0 || bucket === '') return body
  const admitted = await findBucket(bucket, storage)
  if (admitted === undefined) return body
  return { ...body, assertWanted: () => assertSame(admitted, storage) }
}

/** @throws StorageError `NoSuchBucket` */
async function assertSame({ name, owner, createdAt }: Bucket, storage: Storage): Promise<void> {
  const found = await findBucket(name, storage)
  if (found?.owner === owner && found.createdAt.getTime() === createdAt.getTime()) return
  throw new StorageError('NoSuchBucket', `The bucket "${name}" was deleted meanwhile.`, {
    details: { bucket: name },
  })
}

async function findBucket(name: string, storage: Storage): Promise<Bucket | undefined> {
  try {
    return await storage.buckets.get(name)
  } catch (error) {
    if (isStorageError(error, 'NoSuchBucket')) return undefined
    throw error
  }
}
