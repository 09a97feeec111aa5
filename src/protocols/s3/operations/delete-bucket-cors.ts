import { emptyAnswer } from '../answer.ts'
import { CORS_DOCUMENT } from '../cors/cors-rules.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteBucketCors: there is no right of its own */
export const deleteBucketCors: S3Operation = {
  name: 'DeleteBucketCors',
  method: 'DELETE',
  on: 'bucket',
  selectors: ['?cors'],

  access: (call) => [onBucket('s3:PutBucketCORS', call)],

  async run(request, storage) {
    await storage.documents.delete(request.bucket, CORS_DOCUMENT, changeOptions(request))
    return emptyAnswer(204)
  },
}
