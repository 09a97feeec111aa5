import type { Pairs } from '../../../storage/object-version.ts'
import type { Storage } from '../../../storage/storage.ts'

export const TAGGING_DOCUMENT = 'tagging'

/** The tags that somebody gave to a bucket. @throws StorageError `NoSuchBucket` */
export async function findBucketTags(bucket: string, storage: Storage): Promise<Pairs | undefined> {
  const document = await storage.documents.find(bucket, TAGGING_DOCUMENT)
  return document && JSON.parse(document.content)
}
