import { xmlText } from '../../../base/xml.ts'
import { isPublicAcl } from '../../../services/access/access-control-list.ts'
import { findBucketAccess } from '../../../services/access/bucket-access.ts'
import { xmlAnswer } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/**
 * Whether policy or list make the bucket public, be that blocked or not. One that has no policy is
 * answered too: it is the question that matters. @see S3 API Reference, GetBucketPolicyStatus
 */
export const getBucketPolicyStatus: S3Operation = {
  name: 'GetBucketPolicyStatus',
  method: 'GET',
  on: 'bucket',
  selectors: ['?policyStatus'],

  access: (call) => [onBucket('s3:GetBucketPolicyStatus', call)],

  async run({ bucket }, storage) {
    const { ownership, acl, policy } = await findBucketAccess(storage, bucket)
    const isPublic =
      policy?.isPublic === true || (ownership !== 'BucketOwnerEnforced' && isPublicAcl(acl))
    return xmlAnswer('PolicyStatus', [xmlText('IsPublic', isPublic)])
  },
}
