/**
 * Which version a read means and which of its bytes, decided without touching them: the counterpart
 * of write-plan.ts, and like it the same in all stores.
 */
import { assertReadCondition } from './condition.ts'
import type { FoundObject, GetOptions, VersionName } from './object-store.ts'
import type { ObjectPart, ObjectVersion, VersionEntry } from './object-version.ts'
import { resolveRange, type ByteRange } from './range.ts'
import { StorageError } from './storage-error.ts'

/**
 * The object that `name` means, when `found` is what bears the version id it names, or else the
 * newest entry of its key.
 * @throws StorageError `NoSuchKey` (details: the marker that hides it), `NoSuchVersion`,
 * `VersionIsDeleteMarker`
 */
export function requireObject(name: VersionName, found: VersionEntry | undefined): ObjectVersion {
  if (found?.deleteMarker === false) return found
  const { bucket, key, versionId } = name
  const details = { bucket, key, ...markerDetails(found) }
  if (versionId === undefined) {
    throw new StorageError('NoSuchKey', `"${key}" is not in bucket "${bucket}".`, { details })
  }
  if (found === undefined) {
    throw new StorageError('NoSuchVersion', `"${key}" has no version ${versionId}.`, {
      details: { ...details, versionId },
    })
  }
  throw new StorageError(
    'VersionIsDeleteMarker',
    `Version ${versionId} of "${key}" is a delete marker, which has no content.`,
    { details },
  )
}

function markerDetails(
  marker: VersionEntry | undefined,
): Partial<Pick<VersionEntry, 'versionId' | 'modifiedAt'>> {
  return marker === undefined ? {} : { versionId: marker.versionId, modifiedAt: marker.modifiedAt }
}

/**
 * What a read answers with: the condition holds, and the range or part is resolved.
 * @throws StorageError `PreconditionFailed`, `NotModified`, `InvalidRange`, `InvalidPartNumber`
 */
export function planRead(
  version: ObjectVersion,
  parts: readonly ObjectPart[],
  options: GetOptions,
): FoundObject {
  assertReadCondition(options.condition, version)
  const range =
    options.partNumber === undefined
      ? resolveRange(options.range, version.size)
      : rangeOfPart(version, parts, options.partNumber)
  return { version, range, parts }
}

/** An object that was stored in one piece is its own part 1. */
function rangeOfPart(
  version: ObjectVersion,
  parts: readonly ObjectPart[],
  partNumber: number,
): ByteRange {
  if (parts.length === 0 && partNumber === 1) return { start: 0, end: version.size }
  let start = 0
  for (const part of parts) {
    if (part.partNumber === partNumber) return { start, end: start + part.size }
    start += part.size
  }
  throw new StorageError('InvalidPartNumber', `"${version.key}" has no part ${partNumber}.`, {
    details: { key: version.key, partNumber },
  })
}
