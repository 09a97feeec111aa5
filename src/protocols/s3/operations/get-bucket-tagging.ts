import { xmlAnswer } from '../answer.ts'
import { findBucketTags } from '../bucket/bucket-tags.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'
import { renderTagSet } from '../tagging.ts'

/** @see S3 API Reference, GetBucketTagging */
export const getBucketTagging: S3Operation = {
  name: 'GetBucketTagging',
  method: 'GET',
  on: 'bucket',
  selectors: ['?tagging'],

  access: (call) => [onBucket('s3:GetBucketTagging', call)],

  async run({ bucket }, storage) {
    const tags = await findBucketTags(bucket, storage)
    if (tags === undefined) throw new S3Error('NoTagSet', { fields: { BucketName: bucket } })
    return xmlAnswer('Tagging', [renderTagSet(tags)])
  },
}
