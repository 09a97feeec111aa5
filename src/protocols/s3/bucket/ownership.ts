// What CreateBucket says of whose the objects in the bucket will be.
import {
  isObjectOwnership,
  NO_OWNERSHIP_DOCUMENT,
  type ObjectOwnership,
  OWNERSHIP_DOCUMENT,
  renderOwnership,
} from '../../../services/access/bucket-access.ts'
import type { NamedContent } from '../../../storage/object-store.ts'
import { findHeader } from '../../http/request.ts'
import { invalidArgument } from '../errors.ts'
import type { S3Call } from '../operation.ts'

const HEADER = 'x-amz-object-ownership'

/** What a call asks for, else what all new buckets have. @throws S3Error `InvalidArgument` */
export function parseNewOwnership({ headers, site }: S3Call): ObjectOwnership {
  const asked = findHeader(headers, HEADER)
  if (asked === undefined) {
    if (site.newBuckets === 'acl') return 'ObjectWriter'
    return sendsLists(headers) ? 'BucketOwnerPreferred' : 'BucketOwnerEnforced'
  }
  if (isObjectOwnership(asked)) return asked
  throw invalidArgument(`Invalid x-amz-object-ownership header: ${asked}`, {
    name: HEADER,
    value: asked,
  })
}

/**
 * What a bucket is created with: those with lists, as all were once, have no setting at all.
 * @throws S3Error `InvalidArgument`
 */
export function ownershipDocuments(call: S3Call): readonly NamedContent[] {
  const isAsked = call.headers[HEADER] !== undefined
  if (!isAsked && call.site.newBuckets === 'acl') return [NO_OWNERSHIP_DOCUMENT]
  if (!isAsked && !sendsLists(call.headers)) return []
  return [{ name: OWNERSHIP_DOCUMENT, content: renderOwnership(parseNewOwnership(call)) }]
}

/** Who creates a bucket so will send a list with every object, too. AWS does the same. */
function sendsLists(headers: S3Call['headers']): boolean {
  return findHeader(headers, 'x-amz-acl') === 'private'
}
