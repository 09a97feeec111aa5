import { PUBLIC_ACCESS_DOCUMENT } from '../../../services/access/bucket-access.ts'
import { emptyAnswer } from '../answer.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, DeletePublicAccessBlock */
export const deletePublicAccessBlock: S3Operation = {
  name: 'DeletePublicAccessBlock',
  method: 'DELETE',
  on: 'bucket',
  selectors: ['?publicAccessBlock'],

  /** AWS has no right of its own for it. */
  access: (call) => [onBucket('s3:PutBucketPublicAccessBlock', call)],

  async run(request, storage) {
    await storage.documents.delete(request.bucket, PUBLIC_ACCESS_DOCUMENT, changeOptions(request))
    return emptyAnswer(204)
  },
}
