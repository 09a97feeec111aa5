import { xmlElement, xmlText } from '../../../base/xml.ts'
import {
  type ObjectOwnership,
  OWNERSHIP_DOCUMENT,
  parseOwnership,
} from '../../../services/access/bucket-access.ts'
import type { Storage } from '../../../storage/storage.ts'
import { xmlAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketOwnershipControls */
export const getBucketOwnershipControls: S3Operation = {
  name: 'GetBucketOwnershipControls',
  method: 'GET',
  on: 'bucket',
  selectors: ['?ownershipControls'],

  access: (call) => [onBucket('s3:GetBucketOwnershipControls', call)],

  async run({ bucket }, storage) {
    const ownership = await findConfigured(bucket, storage)
    if (ownership === undefined) {
      throw new S3Error('NoOwnershipControls', { fields: { BucketName: bucket } })
    }
    return xmlAnswer('OwnershipControls', [
      xmlElement('Rule', [xmlText('ObjectOwnership', ownership)]),
    ])
  },
}

/** New buckets have a setting, though nobody gave it. */
async function findConfigured(
  bucket: string,
  storage: Storage,
): Promise<ObjectOwnership | undefined> {
  const document = await storage.documents.find(bucket, OWNERSHIP_DOCUMENT)
  return document === undefined ? 'BucketOwnerEnforced' : parseOwnership(document.content)
}
