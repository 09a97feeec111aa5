import { renderAcl } from '../../../services/access/access-control-list.ts'
import { ACL_DOCUMENT, getObjectOwnership } from '../../../services/access/bucket-access.ts'
import { admitAcl, readAskedAcl } from '../access/acl-request.ts'
import { emptyAnswer } from '../answer.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, PutBucketAcl */
export const putBucketAcl: S3Operation = {
  name: 'PutBucketAcl',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?acl'],

  access: (call) => [onBucket('s3:PutBucketAcl', call)],

  async run(request, storage) {
    const { name, owner } = await storage.buckets.get(request.bucket)
    const objectOwnership = await getObjectOwnership(storage, name)
    const ownership = { objectOwnership, owner, bucketOwner: owner }
    const acl = await readAskedAcl(request, ownership)
    if (await admitAcl(acl, { call: request, ownership, storage })) {
      const document = { name: ACL_DOCUMENT, content: renderAcl(acl) }
      await storage.documents.put(name, document, changeOptions(request))
    }
    return emptyAnswer(200)
  },
}
