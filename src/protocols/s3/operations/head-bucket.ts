import { emptyAnswer } from '../answer.ts'
import { findRegion } from '../bucket/region.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, HeadBucket */
export const headBucket: S3Operation = {
  name: 'HeadBucket',
  method: 'HEAD',
  on: 'bucket',
  selectors: [],

  access: (call) => [onBucket('s3:ListBucket', call)],

  async run(request, storage) {
    const region = await findRegion(request, storage)
    return emptyAnswer(200, {
      'content-type': 'application/xml',
      'x-amz-bucket-region': region,
      'x-amz-access-point-alias': 'false',
    })
  },
}
