import { POLICY_DOCUMENT } from '../../../services/access/bucket-access.ts'
import { assertOwnBucket } from '../access/own-bucket.ts'
import { emptyAnswer } from '../answer.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeleteBucketPolicy */
export const deleteBucketPolicy: S3Operation = {
  name: 'DeleteBucketPolicy',
  method: 'DELETE',
  on: 'bucket',
  selectors: ['?policy'],

  access: (call) => [onBucket('s3:DeleteBucketPolicy', call)],

  async run(request, storage) {
    await assertOwnBucket(request, storage)
    await storage.documents.delete(request.bucket, POLICY_DOCUMENT, changeOptions(request))
    return emptyAnswer(204)
  },
}
