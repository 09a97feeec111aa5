import type { XmlElement } from '../../../base/xml.ts'
import {
  type AccessControlList,
  cannedAcl,
  renderAcl,
} from '../../../services/access/access-control-list.ts'
import { ACL_DOCUMENT, getBucketAcl } from '../../../services/access/bucket-access.ts'
import type { NamedContent } from '../../../storage/object-store.ts'
import type { Pairs } from '../../../storage/object-version.ts'
import type { Storage } from '../../../storage/storage.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import { findHeader } from '../../http/request.ts'
import { findAskedAcl, isOwnersAlone } from '../access/acl-request.ts'
import { assertAllowed } from '../admit.ts'
import { emptyAnswer } from '../answer.ts'
import { findBucketTags, parseNewTags, taggingDocuments } from '../bucket/bucket-tags.ts'
import { ownershipDocuments, parseNewOwnership } from '../bucket/ownership.ts'
import { parseLocationConstraint, regionDocuments } from '../bucket/region.ts'
import { changeOptions, type S3Operation, type S3Request } from '../operation.ts'
import { S3Error } from '../errors.ts'
import { readOptionalXml } from '../xml-body.ts'

/** @see S3 API Reference, CreateBucket */
export const createBucket: S3Operation = {
  name: 'CreateBucket',
  method: 'PUT',
  on: 'bucket',
  selectors: [],

  /** Asked for when the configuration is known, for policies may look at it. */
  access: () => [],

  async run(request, storage) {
    const asked = await readAsked(request)
    await assertMayCreate(request, asked)
    const { acl, region, tags, objectLock } = asked
    const owner = request.caller.account
    try {
      await storage.buckets.create(request.bucket, {
        ...changeOptions(request),
        owner,
        objectLock,
        documents: [
          ...regionDocuments(region),
          ...ownershipDocuments(request),
          ...aclDocuments(acl, owner),
          ...taggingDocuments(tags),
        ],
      })
    } catch (cause) {
      if (!isStorageError(cause, 'BucketAlreadyExists') || cause.details.owner !== owner)
        throw cause
      // In us-east-1, and so here, creating one's own bucket again succeeds and changes nothing.
      await assertAsAsked(asked, { bucket: request.bucket, storage, cause })
    }
    return emptyAnswer(200, { location: `/${request.bucket}` })
  },
}

/** What a bucket is to be like. */
type AskedBucket = {
  readonly acl: AccessControlList
  readonly objectLock: boolean
  readonly region: string | undefined
  readonly tags: Pairs | undefined
}

async function readAsked(request: S3Request): Promise<AskedBucket> {
  const acl = findNewAcl(request)
  const configuration = await readConfiguration(request)
  const lock = findHeader(request.headers, 'x-amz-bucket-object-lock-enabled')
  return {
    acl,
    objectLock: lock?.toLowerCase() === 'true',
    region: parseLocationConstraint(configuration, request),
    tags: parseNewTags(configuration),
  }
}

type Existing = { readonly bucket: string; readonly storage: Storage; readonly cause: unknown }

/** Whoever asks for something else than there is must not go on as if it had been made. */
async function assertAsAsked(
  { acl, objectLock, tags }: AskedBucket,
  { bucket: name, storage, cause }: Existing,
): Promise<void> {
  const bucket = await storage.buckets.get(name)
  const kept = tags && (await findBucketTags(name, storage))
  if (bucket.objectLock !== objectLock || JSON.stringify(kept) !== JSON.stringify(tags)) {
    throw new S3Error('BucketAlreadyOwnedByYou', { fields: { BucketName: name }, cause })
  }
  // AWS would replace the list there; nobody who creates a bucket means that.
  if (renderAcl(await getBucketAcl(storage, bucket)) !== renderAcl(acl)) throw cause
}

/** @see S3 API Reference, CreateBucket, Permissions */
async function assertMayCreate(request: S3Request, { region, tags }: AskedBucket): Promise<void> {
  const { headers, bucket } = request
  const actions = Object.entries(HEADER_ACTIONS).flatMap(([header, needed]) =>
    headers[header] === undefined ? [] : needed,
  )
  const keys = new Map(region === undefined ? [] : [['s3:locationconstraint', [region]]])
  const tagging = tags === undefined ? [] : ['s3:TagResource']
  for (const action of ['s3:CreateBucket', ...new Set(actions), ...tagging]) {
    await assertAllowed(request, { action, resource: { bucket, isNew: true }, keys })
  }
}

const HEADER_ACTIONS = {
  'x-amz-acl': ['s3:PutBucketAcl'],
  'x-amz-grant-full-control': ['s3:PutBucketAcl'],
  'x-amz-grant-read': ['s3:PutBucketAcl'],
  'x-amz-grant-read-acp': ['s3:PutBucketAcl'],
  'x-amz-grant-write': ['s3:PutBucketAcl'],
  'x-amz-grant-write-acp': ['s3:PutBucketAcl'],
  'x-amz-object-ownership': ['s3:PutBucketOwnershipControls'],
  'x-amz-bucket-object-lock-enabled': [
    's3:PutBucketObjectLockConfiguration',
    's3:PutBucketVersioning',
  ],
} as const

/** A list that would not count is refused, rather than seem to. */
function findNewAcl(request: S3Request): AccessControlList {
  const owner = request.caller.account
  const owners = { owner, bucketOwner: owner }
  const acl = findAskedAcl(request, owners) ?? cannedAcl('private', owners)
  const counts = parseNewOwnership(request) !== 'BucketOwnerEnforced'
  if (counts || isOwnersAlone(acl, owner)) return acl
  throw new S3Error('InvalidBucketAcl')
}

function aclDocuments(acl: AccessControlList, owner: string): readonly NamedContent[] {
  if (isOwnersAlone(acl, owner)) return []
  return [{ name: ACL_DOCUMENT, content: renderAcl(acl) }]
}

/** Kinds of buckets are refused. */
async function readConfiguration(request: S3Request): Promise<XmlElement | undefined> {
  const root = 'CreateBucketConfiguration'
  const document = await readOptionalXml(request, { root })
  const unknown = document?.children.find(({ name }) => !CONFIGURED.has(name))
  if (unknown === undefined) return document
  throw new S3Error('NotImplemented', { message: `${root}/${unknown.name} is not implemented.` })
}

const CONFIGURED: ReadonlySet<string> = new Set(['LocationConstraint', 'Tags'])
