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
  { bucket, question }: { readonly bucket: string; readonly question: AccessQuestion },
): Promise<Target> {
  return new LookedUpTarget(storage, await storage.buckets.get(bucket), question)
}

/** A class, because so many closures for each question would cost more than most answers. */
class LookedUpTarget implements Target {
  readonly bucket: Bucket
  readonly #storage: Storage
  readonly #question: AccessQuestion
  #policy: Promise<BucketPolicy | undefined> | undefined
  #ownership: Promise<ObjectOwnership> | undefined
  #publicAccessBlock: Promise<PublicAccessBlock> | undefined
  #bucketAcl: Promise<AccessControlList> | undefined
  #object: Promise<ObjectVersion | undefined> | undefined
  #upload: Promise<Upload | undefined> | undefined

  constructor(storage: Storage, bucket: Bucket, question: AccessQuestion) {
    this.#storage = storage
    this.bucket = bucket
    this.#question = question
  }

  findPolicy(): Promise<BucketPolicy | undefined> {
    return (this.#policy ??= this.#readPolicy())
  }

  getOwnership(): Promise<ObjectOwnership> {
    return (this.#ownership ??= getObjectOwnership(this.#storage, this.bucket.name))
  }

  getPublicAccessBlock(): Promise<PublicAccessBlock> {
    return (this.#publicAccessBlock ??= getPublicAccessBlock(this.#storage, this.bucket.name))
  }

  getBucketAcl(): Promise<AccessControlList> {
    return (this.#bucketAcl ??= getBucketAcl(this.#storage, this.bucket))
  }

  findObject(): Promise<ObjectVersion | undefined> {
    return (this.#object ??= findObject(this.#storage, this.#named()))
  }

  findUpload(): Promise<Upload | undefined> {
    return (this.#upload ??= findUpload(this.#storage, this.#named()))
  }

  #readPolicy(): Promise<BucketPolicy | undefined> {
    const { proposedPolicy: policy } = this.#question
    if (policy === undefined) return findBucketPolicy(this.#storage, this.bucket.name)
    return Promise.resolve({ policy, isPublic: isPublicPolicy(policy) })
  }

  #named(): Named {
    return { ...this.#question.resource, bucket: this.bucket.name }
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
