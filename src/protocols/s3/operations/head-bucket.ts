import { emptyAnswer, REGION } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, HeadBucket */
export const headBucket: S3Operation = {
  name: 'HeadBucket',
  method: 'HEAD',
  on: 'bucket',
  selectors: [],

  access: (call) => [onBucket('s3:ListBucket', call)],

  async run(request, storage) {
    await storage.buckets.get(request.bucket)
    return emptyAnswer(200, {
      'content-type': 'application/xml',
      'x-amz-bucket-region': REGION,
      'x-amz-access-point-alias': 'false',
    })
  },
}
