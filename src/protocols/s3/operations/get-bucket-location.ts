import { xmlAnswer } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketLocation: us-east-1 is written as nothing */
export const getBucketLocation: S3Operation = {
  name: 'GetBucketLocation',
  method: 'GET',
  on: 'bucket',
  selectors: ['?location'],

  access: (call) => [onBucket('s3:GetBucketLocation', call)],

  async run(request, storage) {
    await storage.buckets.get(request.bucket)
    return xmlAnswer('LocationConstraint', [])
  },
}
