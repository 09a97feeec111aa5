import { findChildText } from '../../../base/xml.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketRequestPayment */
export const putBucketRequestPayment: S3Operation = {
  name: 'PutBucketRequestPayment',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?requestPayment'],
  support: 'partly',

  access: (call) => [onBucket('s3:PutBucketRequestPayment', call)],

  async run(request, storage) {
    await storage.buckets.get(request.bucket)
    const document = await readXml(request, { root: 'RequestPaymentConfiguration' })
    const payer = findChildText(document, 'Payer')
    if (payer === 'BucketOwner') return emptyAnswer(200)
    if (payer !== 'Requester') throw new S3Error('MalformedXML')
    throw new S3Error('NotImplemented', {
      message: 'Coffer does not implement requester pays; BucketOwner is the payer.',
    })
  },
}
