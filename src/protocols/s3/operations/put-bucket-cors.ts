import { emptyAnswer } from '../answer.ts'
import { CORS_DOCUMENT, parseCorsRules } from '../cors/cors-rules.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketCors */
export const putBucketCors: S3Operation = {
  name: 'PutBucketCors',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?cors'],

  access: (call) => [onBucket('s3:PutBucketCORS', call)],

  async run(request, storage) {
    const rules = parseCorsRules(await readXml(request, { root: 'CORSConfiguration' }))
    await storage.documents.put(
      request.bucket,
      { name: CORS_DOCUMENT, content: JSON.stringify(rules) },
      changeOptions(request),
    )
    return emptyAnswer(200)
  },
}
