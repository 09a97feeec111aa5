// What AWS has and Coffer refuses, whoever asks for it. Whoever implements one gives it a file.
import { notImplemented } from '../errors.ts'
import { onBucket, onObject, type S3Operation } from '../operation.ts'

type Line = readonly [
  name: string,
  method: S3Operation['method'],
  selector: string,
  /** The name of the operation when absent. */
  action?: string,
]

const ON_BUCKETS: readonly Line[] = [
  ['CreateSession', 'GET', '?session'],
  ['UpdateBucketMetadataAnnotationTableConfiguration', 'PUT', '?metadataAnnotationTable'],
  ['UpdateBucketMetadataInventoryTableConfiguration', 'PUT', '?metadataInventoryTable'],
  ['UpdateBucketMetadataJournalTableConfiguration', 'PUT', '?metadataJournalTable'],
]

const ON_OBJECTS: readonly Line[] = [
  ['PutObjectAnnotation', 'PUT', '?annotation'],
  ['RenameObject', 'PUT', '?renameObject', 'PutObject'],
  ['RestoreObject', 'POST', '?restore'],
  ['SelectObjectContent', 'POST', '?select', 'GetObject'],
  ['UpdateObjectEncryption', 'PUT', '?encryption'],
]

export const REFUSED: readonly S3Operation[] = [
  ...ON_BUCKETS.map((line) => refusal(line, 'bucket')),
  ...ON_OBJECTS.map((line) => refusal(line, 'object')),
]

function refusal(
  [name, method, selector, action = name]: Line,
  on: 'bucket' | 'object',
): S3Operation {
  const check = on === 'bucket' ? onBucket : onObject
  return {
    name,
    method,
    on,
    selectors: [selector],
    support: 'no',
    access: (call) => [check(`s3:${action}`, call)],
    async run({ bucket }, storage) {
      await storage.buckets.get(bucket)
      throw notImplemented(name)
    },
  }
}
