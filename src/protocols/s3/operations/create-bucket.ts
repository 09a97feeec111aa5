import type { XmlElement } from '../../../base/xml.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import { findHeader } from '../../http/request.ts'
import { emptyAnswer } from '../answer.ts'
import { parseLocationConstraint, regionDocuments } from '../bucket/region.ts'
import { asksForAcl } from '../new-version.ts'
import { changeOptions, onBucket, type S3Operation, type S3Request } from '../operation.ts'
import { S3Error } from '../errors.ts'
import { readOptionalXml } from '../xml-body.ts'

/** @see S3 API Reference, CreateBucket */
export const createBucket: S3Operation = {
  name: 'CreateBucket',
  method: 'PUT',
  on: 'bucket',
  selectors: [],

  access: (call) => [onBucket('s3:CreateBucket', call)],

  async run(request, storage) {
    assertOwnerEnforced(request)
    const region = parseLocationConstraint(await readConfiguration(request), request)
    const owner = request.caller.account
    const objectLock =
      findHeader(request.headers, 'x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true'
    try {
      await storage.buckets.create(request.bucket, {
        ...changeOptions(request),
        owner,
        objectLock,
        documents: regionDocuments(region),
      })
    } catch (cause) {
      if (!isStorageError(cause, 'BucketAlreadyExists') || cause.details.owner !== owner)
        throw cause
      // In us-east-1, and so here, creating one's own bucket again succeeds and changes nothing.
      const bucket = await storage.buckets.get(request.bucket)
      if (bucket.objectLock !== objectLock) {
        const fields = { BucketName: request.bucket }
        throw new S3Error('BucketAlreadyOwnedByYou', { fields, cause })
      }
    }
    return emptyAnswer(200, { location: `/${request.bucket}` })
  },
}

/** New buckets have ACLs disabled, as on AWS. */
function assertOwnerEnforced({ headers }: S3Request): void {
  const ownership = findHeader(headers, 'x-amz-object-ownership')
  if (ownership !== undefined && ownership !== 'BucketOwnerEnforced') {
    throw new S3Error('NotImplemented', {
      message: `Object ownership ${ownership} is not implemented; BucketOwnerEnforced is.`,
    })
  }
  if (asksForAcl(headers)) throw new S3Error('InvalidBucketAcl')
}

/** Kinds of buckets and tags are refused. */
async function readConfiguration(request: S3Request): Promise<XmlElement | undefined> {
  const root = 'CreateBucketConfiguration'
  const document = await readOptionalXml(request, { root })
  const unknown = document?.children.find(({ name }) => name !== 'LocationConstraint')
  if (unknown === undefined) return document
  throw new S3Error('NotImplemented', { message: `${root}/${unknown.name} is not implemented.` })
}
