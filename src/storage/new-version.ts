// What a put, a copy and a completed upload make of their sources, before a commit stamps it.
import type { BodyDigest } from './body.ts'
import type { AssembledUpload } from './multipart.ts'
import type { CopyOptions, NewVersion, ObjectName, Part, Upload } from './object-store.ts'
import type { ObjectPart, ObjectVersion } from './object-version.ts'
import type { UnstampedVersion } from './write-plan.ts'

/** The version that a body becomes when it is stored in one piece. */
export function versionOfBody(
  name: ObjectName,
  digest: BodyDigest,
  options: NewVersion,
): UnstampedVersion {
  const { size, md5, checksum } = digest
  return {
    ...describeNew(name, options),
    size,
    etag: md5,
    ...(checksum && { checksum }),
  }
}

/** The version that an upload becomes; only what was given to `begin` and its parts count. */
export function versionOfUpload(
  upload: Upload,
  assembled: AssembledUpload<Part>,
): UnstampedVersion {
  const { size, etag, checksum, parts } = assembled
  return {
    ...describeNew(upload, upload.newVersion),
    size,
    etag,
    ...(checksum && { checksum }),
    partCount: parts.length,
  }
}

/** What a version remembers of the parts that it was made from. */
export function objectPartsOf(assembled: AssembledUpload<Part>): readonly ObjectPart[] {
  return assembled.parts.map(({ partNumber, size, checksum }) =>
    checksum === undefined ? { partNumber, size } : { partNumber, size, checksum },
  )
}

/** The version that a copy makes: same bytes, so same ETag, checksum and parts as its source. */
export function versionOfCopy(
  source: ObjectVersion,
  name: ObjectName,
  options: Omit<CopyOptions, 'origin' | 'signal'>,
): UnstampedVersion {
  const { size, etag, checksum, partCount } = source
  const { headers = source.headers, metadata = source.metadata, tags = source.tags } = options
  return {
    ...describeNew(name, { ...options, headers, metadata, tags }),
    size,
    etag,
    ...(checksum && { checksum }),
    ...(partCount !== undefined && { partCount }),
  }
}

function describeNew(
  name: ObjectName,
  options: NewVersion,
): Omit<UnstampedVersion, 'size' | 'etag'> {
  const { owner, headers, metadata, tags, storageClass, acl, retention } = options
  return {
    bucket: name.bucket,
    key: name.key,
    deleteMarker: false,
    owner,
    headers,
    metadata,
    tags,
    storageClass,
    legalHold: options.legalHold ?? false,
    ...(acl !== undefined && { acl }),
    ...(retention && { retention }),
  }
}
