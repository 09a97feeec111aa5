/** Why storage refused. Protocols map every code; nobody acts on messages. */
export type StorageErrorCode =
  // what was named is not there, or is there already
  | 'NoSuchBucket'
  | 'BucketAlreadyExists'
  | 'BucketNotEmpty'
  | 'NoSuchKey'
  | 'NoSuchVersion'
  | 'VersionIsDeleteMarker'
  | 'NoSuchUpload'
  | 'NoSuchDocument'
  // the request cannot be carried out as it stands
  | 'InvalidBucketName'
  | 'InvalidKey'
  | 'InvalidArgument'
  | 'InvalidRange'
  | 'InvalidPartNumber'
  | 'InvalidPart'
  | 'InvalidPartOrder'
  | 'PartTooSmall'
  | 'BodyTooLarge'
  | 'MetadataTooLarge'
  | 'TooManyWrites'
  | 'TooManyBuckets'
  | 'TooManyUploads'
  | 'VersioningLocked'
  | 'ObjectLockNotEnabled'
  | 'NotSupported'
  // the bytes are not what was announced
  | 'BadDigest'
  | 'BadPayloadHash'
  | 'BadChecksum'
  | 'IncompleteBody'
  // the state forbids it
  | 'PreconditionFailed'
  | 'NotModified'
  | 'ObjectLocked'
  | 'CursorExpired'
  // the store cannot
  | 'Damaged'
  | 'StorageFull'
  | 'FeedFull'
  | 'ReadOnly'
  | 'StoreFailed'
  | 'StoreInUse'
  | 'UnknownFormat'
  | 'Closed'

/**
 * Facts that belong to a code and that an answer needs, such as the delete marker that hides a key.
 */
export type StorageErrorDetails = {
  readonly bucket?: string
  readonly key?: string
  readonly versionId?: string
  readonly owner?: string
  readonly etag?: string
  readonly modifiedAt?: Date
  readonly size?: number
  readonly uploadId?: string
  readonly partNumber?: number
  /** The header whose demand did not hold, e.g. `If-None-Match`. */
  readonly condition?: string
  /** A digest as the sender gave it, and as the bytes have it. */
  readonly announced?: string
  readonly computed?: string
}

/**
 * The one error class of storage: a code for programs, a sentence for people, details for answers.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode
  readonly details: StorageErrorDetails

  constructor(
    code: StorageErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: StorageErrorDetails } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Is true for a storage error, of any of the given codes when some are given. */
export function isStorageError(
  error: unknown,
  ...codes: readonly StorageErrorCode[]
): error is StorageError {
  return error instanceof StorageError && (codes.length === 0 || codes.includes(error.code))
}
