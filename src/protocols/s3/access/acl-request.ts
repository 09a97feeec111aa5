// The list that a request wants something to have, and whether it may have that.
import {
  type AccessControlList,
  cannedAcl,
  isPublicAcl,
} from '../../../services/access/access-control-list.ts'
import { getPublicAccessBlock, isOwnershipChosen } from '../../../services/access/bucket-access.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findHeader } from '../../http/request.ts'
import { S3Error } from '../errors.ts'
import type { S3Call, S3Request } from '../operation.ts'
import { readOptionalXml } from '../xml-body.ts'
import { parseAclDocument } from './acl-document.ts'
import { parseAclHeaders } from './acl-headers.ts'
import type { Ownership } from './object-owner.ts'

type Owners = Pick<Ownership, 'owner' | 'bucketOwner'>

/** What the headers say; undefined when they leave it private. */
export function findAskedAcl(call: S3Call, owners: Owners): AccessControlList | undefined {
  const asked = parseAclHeaders(call)
  if (asked === undefined) return undefined
  return asked.kind === 'canned' ? cannedAcl(asked.name, owners) : { grants: asked.grants }
}

/**
 * What headers or body of PutBucketAcl and PutObjectAcl say.
 * @throws S3Error what `parseAclHeaders` and `parseAclDocument` throw, `MissingAcl`,
 * `UnexpectedContent`
 */
export async function readAskedAcl(request: S3Request, owners: Owners): Promise<AccessControlList> {
  const fromHeaders = findAskedAcl(request, owners)
  const document = await readPolicy(request)
  if (fromHeaders !== undefined && document !== undefined) throw new S3Error('UnexpectedContent')
  if (fromHeaders !== undefined) return fromHeaders
  if (document === undefined) {
    throw new S3Error('MissingAcl', { fields: { MissingHeaderName: 'x-amz-acl' } })
  }
  return parseAclDocument(document, { ...owners, accounts: request.site.accounts })
}

async function readPolicy(request: S3Request): ReturnType<typeof readOptionalXml> {
  try {
    return await readOptionalXml(request, { root: 'AccessControlPolicy' })
  } catch (cause) {
    const isMalformed = cause instanceof S3Error && cause.code === 'MalformedXML'
    throw isMalformed ? new S3Error('MalformedAcl', { cause }) : cause
  }
}

/** Where lists do not count, those that say what is so anyway do no harm. */
export function isOwnersAlone({ grants }: AccessControlList, owner: string): boolean {
  return (
    grants.length > 0 &&
    grants.every(
      ({ grantee, permission }) =>
        permission === 'FULL_CONTROL' && grantee.kind === 'account' && grantee.account === owner,
    )
  )
}

/**
 * Whether a list is to be kept: not where lists do not count and it changes nothing.
 * @throws S3Error `AccessControlListNotSupported`, `AccessDenied` under BlockPublicAcls
 */
export async function admitAcl(
  acl: AccessControlList,
  { call, ownership, storage }: Admission,
): Promise<boolean> {
  if (ownership.objectOwnership === 'BucketOwnerEnforced') {
    const isHarmless = isOwnersAlone(acl, ownership.bucketOwner) && (await isTaken(call, storage))
    if (isHarmless) return false
    throw new S3Error('AccessControlListNotSupported')
  }
  if (!isPublicAcl(acl)) return true
  const { blockPublicAcls } = await getPublicAccessBlock(storage, call.bucket)
  if (!blockPublicAcls) return true
  throw new S3Error('AccessDenied', {
    message: 'The list is public, and the public access block of the bucket refuses those.',
  })
}

type Written = Pick<S3Call, 'bucket' | 'headers'>

/**
 * Whether a list that says what is so anyway is taken where lists do not count. AWS takes one
 * canned name; where nobody chose that lists do not count, `private` is taken as well, since
 * clients of MinIO send it with every object.
 * @see S3 User Guide, "Disabling ACLs"
 */
async function isTaken({ bucket, headers }: Written, storage: Storage): Promise<boolean> {
  const canned = findHeader(headers, 'x-amz-acl') ?? 'bucket-owner-full-control'
  if (canned === 'private') return !(await isOwnershipChosen(storage, bucket))
  return canned === 'bucket-owner-full-control'
}

type Admission = {
  readonly call: Written
  readonly ownership: Pick<Ownership, 'objectOwnership' | 'bucketOwner'>
  readonly storage: Storage
}
