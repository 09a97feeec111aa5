import { emptyAnswer } from '../answer.ts'
import { TAGGING_DOCUMENT } from '../bucket/bucket-tags.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteBucketTagging: there is no right of its own */
export const deleteBucketTagging: S3Operation = {
  name: 'DeleteBucketTagging',
  method: 'DELETE',
  on: 'bucket',
  selectors: ['?tagging'],

  access: (call) => [onBucket('s3:PutBucketTagging', call)],

  async run(request, storage) {
    await storage.documents.delete(request.bucket, TAGGING_DOCUMENT, changeOptions(request))
    return emptyAnswer(204)
  },
}
