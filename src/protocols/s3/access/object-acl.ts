// The access control list that an object has: its own, or its bucket owner's where none counts.
import {
  type AccessControlList,
  cannedAcl,
  parseAcl,
} from '../../../services/access/access-control-list.ts'
import { getObjectOwnership } from '../../../services/access/bucket-access.ts'
import type { Bucket } from '../../../storage/object-store.ts'
import type { ObjectVersion } from '../../../storage/object-version.ts'
import type { Storage } from '../../../storage/storage.ts'
import { versionName } from '../named.ts'
import type { S3Call } from '../operation.ts'
import type { Ownership } from './object-owner.ts'

export type ObjectAcl = {
  readonly bucket: Bucket
  readonly version: ObjectVersion
  readonly ownership: Ownership
  readonly acl: AccessControlList
}

/** Of the version that a call names. @throws StorageError `NoSuchBucket`, `NoSuchKey` … */
export async function findObjectAcl(call: S3Call, storage: Storage): Promise<ObjectAcl> {
  const bucket = await storage.buckets.get(call.bucket)
  const { version } = await storage.objects.head(versionName(call), {})
  const objectOwnership = await getObjectOwnership(storage, bucket.name)
  const isBuckets = objectOwnership === 'BucketOwnerEnforced'
  const owner = isBuckets ? bucket.owner : version.owner
  const ownership = { objectOwnership, bucketOwner: bucket.owner, owner }
  const kept = isBuckets || version.acl === undefined ? undefined : parseAcl(version.acl)
  return { bucket, version, ownership, acl: kept ?? cannedAcl('private', ownership) }
}
