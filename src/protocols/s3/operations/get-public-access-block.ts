import { xmlText } from '../../../base/xml.ts'
import {
  parsePublicAccessBlock,
  PUBLIC_ACCESS_DOCUMENT,
} from '../../../services/access/bucket-access.ts'
import { xmlAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetPublicAccessBlock */
export const getPublicAccessBlock: S3Operation = {
  name: 'GetPublicAccessBlock',
  method: 'GET',
  on: 'bucket',
  selectors: ['?publicAccessBlock'],

  access: (call) => [onBucket('s3:GetBucketPublicAccessBlock', call)],

  async run({ bucket }, storage) {
    const document = await storage.documents.find(bucket, PUBLIC_ACCESS_DOCUMENT)
    if (document === undefined) {
      throw new S3Error('NoPublicAccessBlock', { fields: { BucketName: bucket } })
    }
    const block = parsePublicAccessBlock(document.content)
    return xmlAnswer('PublicAccessBlockConfiguration', [
      xmlText('BlockPublicAcls', block.blockPublicAcls),
      xmlText('IgnorePublicAcls', block.ignorePublicAcls),
      xmlText('BlockPublicPolicy', block.blockPublicPolicy),
      xmlText('RestrictPublicBuckets', block.restrictPublicBuckets),
    ])
  },
}
