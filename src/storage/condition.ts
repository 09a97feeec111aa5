import { StorageError } from './storage-error.ts'
import type { DeleteMarker, ObjectVersion } from './object-version.ts'

/**
 * What must hold for a request to go ahead. ETags are without quotes; `*` stands for any object.
 * @see RFC 9110 §13, S3 User Guide "Conditional requests"
 */
export type Condition = {
  readonly ifMatch?: readonly string[]
  readonly ifNoneMatch?: readonly string[]
  readonly ifModifiedSince?: Date
  readonly ifUnmodifiedSince?: Date
}

/** What must hold of the object that a delete removes; S3 takes one ETag, a size and a time. */
export type DeleteCondition = {
  readonly ifMatch?: string
  readonly ifMatchSize?: number
  readonly ifMatchLastModified?: Date
}

type Compared = Pick<ObjectVersion, 'key' | 'versionId' | 'etag' | 'modifiedAt' | 'size'>

/**
 * Passes when a read of `version` may be answered with its bytes.
 * @throws StorageError `PreconditionFailed`, `NotModified`
 * @see RFC 9110 §13.2.2 for the order of evaluation
 */
export function assertReadCondition(condition: Condition | undefined, version: Compared): void {
  if (condition === undefined) return
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = condition
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version)) throw failed('If-Match', version)
  } else if (ifUnmodifiedSince !== undefined) {
    if (toSeconds(version.modifiedAt) > toSeconds(ifUnmodifiedSince)) {
      throw failed('If-Unmodified-Since', version)
    }
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, version)) throw notModified('If-None-Match', version)
  } else if (ifModifiedSince !== undefined) {
    if (toSeconds(version.modifiedAt) <= toSeconds(ifModifiedSince)) {
      throw notModified('If-Modified-Since', version)
    }
  }
}

/**
 * Passes when the source of a copy is what the caller expects. Unlike a read, every failure is
 * `PreconditionFailed`.
 * @throws StorageError `PreconditionFailed`
 */
export function assertCopyCondition(condition: Condition | undefined, version: Compared): void {
  try {
    assertReadCondition(condition, version)
  } catch (error) {
    if (!(error instanceof StorageError) || error.details.condition === undefined) throw error
    throw failed(`x-amz-copy-source-${error.details.condition}`, version)
  }
}

/**
 * Passes when a write may replace `current`, the object that the key shows now, if any.
 * @throws StorageError `PreconditionFailed`; `NoSuchKey` for If-Match on a key that shows nothing
 */
export function assertWriteCondition(
  condition: Condition | undefined,
  current: Compared | undefined,
  key: string,
): void {
  if (condition?.ifMatch !== undefined) {
    if (current === undefined) {
      throw new StorageError('NoSuchKey', `"${key}" does not exist, so If-Match cannot hold.`, {
        details: { key },
      })
    }
    if (!matches(condition.ifMatch, current)) throw failed('If-Match', current)
  }
  if (condition?.ifNoneMatch !== undefined && current !== undefined) {
    if (matches(condition.ifNoneMatch, current)) throw failed('If-None-Match', current)
  }
}

/**
 * Passes when `current`, the version or marker that a delete would remove or hide, is what the
 * caller expects. Where there is nothing at all, a size and a time hold: nothing can be lost.
 * @throws StorageError `PreconditionFailed`; `NoSuchKey` when an ETag is asked of no object
 * @see S3 API Reference, DeleteObject
 */
export function assertDeleteCondition(
  condition: DeleteCondition | undefined,
  current: Compared | DeleteMarker | undefined,
  key: string,
): void {
  const { ifMatch, ifMatchSize, ifMatchLastModified } = condition ?? {}
  const object = current !== undefined && 'etag' in current ? current : undefined
  if (ifMatch !== undefined) {
    if (object === undefined) {
      throw new StorageError('NoSuchKey', `"${key}" does not exist, so If-Match cannot hold.`, {
        details: { key },
      })
    }
    if (!matches([ifMatch], object)) throw failed('If-Match', object)
  }
  if (current === undefined) return
  if (ifMatchSize !== undefined && ifMatchSize !== object?.size) {
    throw failed('x-amz-if-match-size', current)
  }
  if (ifMatchLastModified !== undefined && !isModifiedAt(object, ifMatchLastModified)) {
    throw failed('x-amz-if-match-last-modified-time', current)
  }
}

function isModifiedAt(object: Compared | undefined, at: Date): boolean {
  return object !== undefined && toSeconds(object.modifiedAt) === toSeconds(at)
}

function matches(etags: readonly string[], version: Compared): boolean {
  return etags.includes('*') || etags.includes(version.etag)
}

/** HTTP dates carry whole seconds, so times are compared by them. */
function toSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

function failed(name: string, version: Compared | DeleteMarker): StorageError {
  const { key, versionId } = version
  return new StorageError('PreconditionFailed', `${name} does not hold for "${key}".`, {
    details: { key, versionId, condition: name, ...('etag' in version && { etag: version.etag }) },
  })
}

function notModified(name: string, version: Compared): StorageError {
  return new StorageError('NotModified', `"${version.key}" has not changed.`, {
    details: {
      key: version.key,
      versionId: version.versionId,
      condition: name,
      etag: version.etag,
      modifiedAt: version.modifiedAt,
    },
  })
}
