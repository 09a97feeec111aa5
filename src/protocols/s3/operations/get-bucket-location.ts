import { xmlCharacters } from '../../../base/xml.ts'
import { xmlAnswer } from '../answer.ts'
import { DEFAULT_REGION, findRegion } from '../bucket/region.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketLocation: us-east-1 is written as nothing */
export const getBucketLocation: S3Operation = {
  name: 'GetBucketLocation',
  method: 'GET',
  on: 'bucket',
  selectors: ['?location'],

  access: (call) => [onBucket('s3:GetBucketLocation', call)],

  async run(request, storage) {
    const region = await findRegion(request, storage)
    return xmlAnswer('LocationConstraint', region === DEFAULT_REGION ? [] : [xmlCharacters(region)])
  },
}
