import { findChildren, findChildText, type XmlElement } from '../../../base/xml.ts'
import type { AccessControlList } from '../../../services/access/access-control-list.ts'
import {
  getBucketAcl,
  isObjectOwnership,
  type ObjectOwnership,
  OWNERSHIP_DOCUMENT,
  renderOwnership,
} from '../../../services/access/bucket-access.ts'
import { emptyAnswer } from '../answer.ts'
import { S3Error } from '../errors.ts'
import { changeOptions, onBucket, type S3Operation } from '../operation.ts'
import { readXml } from '../xml-body.ts'

/** @see S3 API Reference, PutBucketOwnershipControls */
export const putBucketOwnershipControls: S3Operation = {
  name: 'PutBucketOwnershipControls',
  method: 'PUT',
  on: 'bucket',
  selectors: ['?ownershipControls'],

  access: (call) => [onBucket('s3:PutBucketOwnershipControls', call)],

  async run(request, storage) {
    const ownership = parse(await readXml(request, { root: 'OwnershipControls' }))
    const bucket = await storage.buckets.get(request.bucket)
    const acl = await getBucketAcl(storage, bucket)
    if (ownership === 'BucketOwnerEnforced' && grantsToOthers(acl, bucket.owner)) {
      throw new S3Error('InvalidBucketAcl')
    }
    const document = { name: OWNERSHIP_DOCUMENT, content: renderOwnership(ownership) }
    await storage.documents.put(request.bucket, document, changeOptions(request))
    return emptyAnswer(200)
  },
}

function parse(controls: XmlElement): ObjectOwnership {
  const [rule, ...others] = findChildren(controls, 'Rule')
  const ownership = rule && findChildText(rule, 'ObjectOwnership')
  if (others.length > 0 || !isObjectOwnership(ownership)) throw new S3Error('MalformedXML')
  return ownership
}

/**
 * What a list grants to others must become a policy first, or they would lose it unnoticed.
 * @see S3 User Guide, "Prerequisites for disabling ACLs"
 */
function grantsToOthers({ grants }: AccessControlList, owner: string): boolean {
  return grants.some(({ grantee }) => grantee.kind === 'group' || grantee.account !== owner)
}
