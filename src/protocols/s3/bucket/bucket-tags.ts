// The tags of a bucket: a document beside it.
import { findChild, type XmlElement } from '../../../base/xml.ts'
import type { NamedContent } from '../../../storage/object-store.ts'
import type { Pairs } from '../../../storage/object-version.ts'
import type { Storage } from '../../../storage/storage.ts'
import { BUCKET_TAGS, parseTagSet } from '../tagging.ts'

export const TAGGING_DOCUMENT = 'tagging'

/** The tags that somebody gave to a bucket. @throws StorageError `NoSuchBucket` */
export async function findBucketTags(bucket: string, storage: Storage): Promise<Pairs | undefined> {
  const document = await storage.documents.find(bucket, TAGGING_DOCUMENT)
  return document && JSON.parse(document.content)
}

/** Those that CreateBucketConfiguration names. @throws S3Error `InvalidTag`, `TooManyTags` */
export function parseNewTags(configuration: XmlElement | undefined): Pairs | undefined {
  const set = configuration && findChild(configuration, 'Tags')
  return set && parseTagSet(set, BUCKET_TAGS)
}

/** What a bucket is created with, so that `findBucketTags` finds it. */
export function taggingDocuments(tags: Pairs | undefined): readonly NamedContent[] {
  return tags === undefined ? [] : [renderTags(tags)]
}

export function renderTags(tags: Pairs): NamedContent {
  return { name: TAGGING_DOCUMENT, content: JSON.stringify(tags) }
}
