import { NO_OWNERSHIP_DOCUMENT } from '../../../services/access/bucket-access.ts'
import { emptyAnswer } from '../answer.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** Leaves objects to whoever writes them. @see S3 API Reference, DeleteBucketOwnershipControls */
export const deleteBucketOwnershipControls: S3Operation = {
  name: 'DeleteBucketOwnershipControls',
  method: 'DELETE',
  on: 'bucket',
  selectors: ['?ownershipControls'],

  /** AWS has no right of its own for it. */
  access: (call) => [onBucket('s3:PutBucketOwnershipControls', call)],

  async run(request, storage) {
    // Not removed: without the document, lists would be disabled.
    await storage.documents.put(request.bucket, NO_OWNERSHIP_DOCUMENT, changeOptions(request))
    return emptyAnswer(204)
  },
}
