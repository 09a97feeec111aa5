import { POLICY_DOCUMENT } from '../../../services/access/bucket-access.ts'
import { assertOwnBucket } from '../access/own-bucket.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** The text is given back as it came. @see S3 API Reference, GetBucketPolicy */
export const getBucketPolicy: S3Operation = {
  name: 'GetBucketPolicy',
  method: 'GET',
  on: 'bucket',
  selectors: ['?policy'],

  access: (call) => [onBucket('s3:GetBucketPolicy', call)],

  async run(request, storage) {
    await assertOwnBucket(request, storage)
    const { bucket } = request
    const document = await storage.documents.find(bucket, POLICY_DOCUMENT)
    if (document === undefined) {
      throw new S3Error('NoBucketPolicy', { fields: { BucketName: bucket } })
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: document.content,
    }
  },
}
