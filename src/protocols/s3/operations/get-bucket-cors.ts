import { xmlAnswer } from '../answer.ts'
import { findCorsRules, renderCorsRule } from '../cors/cors-rules.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketCors */
export const getBucketCors: S3Operation = {
  name: 'GetBucketCors',
  method: 'GET',
  on: 'bucket',
  selectors: ['?cors'],

  access: (call) => [onBucket('s3:GetBucketCORS', call)],

  async run({ bucket }, storage) {
    const rules = await findCorsRules(bucket, storage)
    if (rules === undefined) {
      throw new S3Error('NoCorsConfiguration', { fields: { BucketName: bucket } })
    }
    return xmlAnswer('CORSConfiguration', rules.map(renderCorsRule))
  },
}
