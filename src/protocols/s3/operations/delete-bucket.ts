import { emptyAnswer } from '../answer.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteBucket */
export const deleteBucket: S3Operation = {
  name: 'DeleteBucket',
  method: 'DELETE',
  on: 'bucket',
  selectors: [],

  access: (call) => [onBucket('s3:DeleteBucket', call)],

  async run(request, storage) {
    await storage.buckets.delete(request.bucket, changeOptions(request))
    return emptyAnswer(204)
  },
}
