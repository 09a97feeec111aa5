// What a question is about, looked at only as far as its answer needs.
import { isStorageError, type StorageErrorCode } from '../../storage/storage-error.ts'
import type { Bucket, Upload } from '../../storage/object-store.ts'
import type { ObjectVersion } from '../../storage/object-version.ts'
import type { Storage } from '../../storage/storage.ts'
import { type AccessControlList, cannedAcl, parseAcl } from './access-control-list.ts'
import {
  type BucketPolicy,
  findBucketPolicy,
  getBucketAcl,
  getObjectOwnership,
  getPublicAccessBlock,
  type ObjectOwnership,
  type PublicAccessBlock,
} from './bucket-access.ts'
import { isPublicPolicy } from './policy/is-public.ts'
import type { AccessQuestion, Resource } from './question.ts'

/** A bucket, and what of it a question names. Nothing is looked up twice for the same question. */
export type Target = {
  readonly bucket: Bucket
  findPolicy(): Promise<BucketPolicy | undefined>
  getOwnership(): Promise<ObjectOwnership>
  getPublicAccessBlock(): Promise<PublicAccessBlock>
  getBucketAcl(): Promise<AccessControlList>
  /** Undefined when it is not there, or when a marker says that it is gone. */
  findObject(): Promise<ObjectVersion | undefined>
  findUpload(): Promise<Upload | undefined>
}

/** @throws StorageError `NoSuchBucket` */
export async function findTarget(
  storage: Storage,
  { bucket: name, question }: { readonly bucket: string; readonly question: AccessQuestion },
): Promise<Target> {
  const bucket = await storage.buckets.get(name)
  const { resource, proposedPolicy } = question
  return {
    bucket,
    findPolicy: once(async () =>
      proposedPolicy === undefined
        ? findBucketPolicy(storage, name)
        : { policy: proposedPolicy, isPublic: isPublicPolicy(proposedPolicy) },
    ),
    getOwnership: once(() => getObjectOwnership(storage, name)),
    getPublicAccessBlock: once(() => getPublicAccessBlock(storage, name)),
    getBucketAcl: once(() => getBucketAcl(storage, bucket)),
    findObject: once(() => findObject(storage, { ...resource, bucket: name })),
    findUpload: once(() => findUpload(storage, { ...resource, bucket: name })),
  }
}

/** The list of an object, be it counted or not. */
export function aclOf({ acl, owner }: ObjectVersion, bucket: Bucket): AccessControlList {
  if (acl !== undefined) return parseAcl(acl)
  return cannedAcl('private', { owner, bucketOwner: bucket.owner })
}

type Named = Resource & { readonly bucket: string }

async function findObject(
  storage: Storage,
  { bucket, key, versionId }: Named,
): Promise<ObjectVersion | undefined> {
  if (key === undefined) return undefined
  const name = { bucket, key, ...(versionId !== undefined && { versionId }) }
  const head = async (): Promise<ObjectVersion> => (await storage.objects.head(name, {})).version
  return unless(head, ['NoSuchKey', 'NoSuchVersion', 'VersionIsDeleteMarker', 'InvalidKey'])
}

async function findUpload(
  storage: Storage,
  { bucket, key, uploadId }: Named,
): Promise<Upload | undefined> {
  if (key === undefined || uploadId === undefined) return undefined
  const name = { bucket, key, uploadId }
  const look = async (): Promise<Upload> =>
    (await storage.uploads.listParts(name, { limit: 0 })).upload
  return unless(look, ['NoSuchUpload'])
}

/** What a look-up finds, undefined for the errors that say that nothing is there. */
async function unless<Found>(
  look: () => Promise<Found>,
  missing: readonly StorageErrorCode[],
): Promise<Found | undefined> {
  try {
    return await look()
  } catch (error) {
    if (missing.some((code) => isStorageError(error, code))) return undefined
    throw error
  }
}

function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let looked: Promise<Value> | undefined
  return () => (looked ??= look())
}
