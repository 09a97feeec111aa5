import { xmlText } from '../../../base/xml.ts'
import { xmlAnswer } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketRequestPayment: nobody else ever pays */
export const getBucketRequestPayment: S3Operation = {
  name: 'GetBucketRequestPayment',
  method: 'GET',
  on: 'bucket',
  selectors: ['?requestPayment'],

  access: (call) => [onBucket('s3:GetBucketRequestPayment', call)],

  async run({ bucket }, storage) {
    await storage.buckets.get(bucket)
    return xmlAnswer('RequestPaymentConfiguration', [xmlText('Payer', 'BucketOwner')])
  },
}
