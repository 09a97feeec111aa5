import { cannedAcl } from '../../../services/access/access-control-list.ts'
import {
  getBucketAcl as getKeptAcl,
  getObjectOwnership,
} from '../../../services/access/bucket-access.ts'
import { renderAclDocument } from '../access/acl-document.ts'
import { xmlAnswer } from '../answer.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetBucketAcl: where lists do not count, the owner's is shown */
export const getBucketAcl: S3Operation = {
  name: 'GetBucketAcl',
  method: 'GET',
  on: 'bucket',
  selectors: ['?acl'],

  access: (call) => [onBucket('s3:GetBucketAcl', call)],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const { owner } = bucket
    const ownership = await getObjectOwnership(storage, bucket.name)
    const acl =
      ownership === 'BucketOwnerEnforced'
        ? cannedAcl('private', { owner, bucketOwner: owner })
        : await getKeptAcl(storage, bucket)
    const { accounts } = request.site
    return xmlAnswer('AccessControlPolicy', renderAclDocument(acl, { owner, accounts }))
  },
}
