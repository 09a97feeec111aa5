// Every way in which S3 says no. `S3_ERRORS` is the only place where our codes and AWS's meet.
import type { AccessErrorCode } from '../../services/access/directory/access-error.ts'
import type { StorageErrorCode } from '../../storage/storage-error.ts'
import type { AuthenticationErrorCode } from '../http/signature/authentication-error.ts'
import type { HttpFailureCode } from '../http/http-failure.ts'
import { AUTHENTICATION_ANSWERS } from './errors/authentication-answers.ts'
import { answer, type ErrorAnswer } from './errors/error-answer.ts'
import { FORM_ANSWERS, type FormErrorCode } from './errors/form-answers.ts'
import { TRANSFER_ANSWERS, type TransferErrorCode } from './errors/transfer-answers.ts'

/** Why S3 itself refuses, before storage is asked. Spelled as AWS does where AWS has a code. */
export type S3OwnCode =
  | 'AccessControlListNotSupported'
  | 'AccessDenied'
  | 'BucketAlreadyOwnedByYou'
  | 'CorsNotAllowed'
  | 'CorsNotEnabled'
  | 'IllegalLocationConstraint'
  | 'IllegalVersioningConfiguration'
  | 'InvalidBucketAcl'
  | 'InvalidBucketState'
  | 'InvalidChecksum'
  | 'InvalidDigest'
  | 'InvalidLocationConstraint'
  | 'InvalidRequest'
  | 'InvalidRetentionPeriod'
  | 'InvalidStorageClass'
  | 'InvalidTag'
  | 'InvalidURI'
  | 'KeyTooLong'
  | 'MalformedPolicy'
  | 'MalformedAcl'
  | 'MalformedXML'
  | 'MaxMessageLengthExceeded'
  | 'MethodNotAllowed'
  | 'MissingAcl'
  | 'MissingContentLength'
  | 'MissingRequestBody'
  | 'NoBucketPolicy'
  | 'NoCorsConfiguration'
  | 'NoEncryptionConfiguration'
  | 'NoLifecycleConfiguration'
  | 'NoMetadataConfiguration'
  | 'NoObjectLockConfiguration'
  | 'NoOwnershipControls'
  | 'NoPublicAccessBlock'
  | 'NoReplicationConfiguration'
  | 'NoRetention'
  | 'NoSuchAnnotation'
  | 'NoSuchTorrent'
  | 'NoTagSet'
  | 'NoWebsiteConfiguration'
  | 'NotImplemented'
  | 'PreflightIncomplete'
  | 'TooManyTags'
  | 'UnexpectedContent'
  | 'UnresolvableGrant'

/** What AWS adds to an error's document beside code and message, e.g. `ArgumentName`. */
export type ErrorFields = Readonly<Record<string, string | undefined>>

export type S3ErrorOptions = {
  /** Absent: the message that `S3_ERRORS` has for the code. */
  readonly message?: string
  readonly fields?: ErrorFields
  /** What the log hears and the caller does not. */
  readonly reason?: string
  readonly cause?: unknown
}

/** A request that S3 refuses. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: S3OwnCode | FormErrorCode | HttpFailureCode | 'InvalidArgument' | 'NoSuchDocument'
  readonly fields: ErrorFields
  readonly reason: string | undefined

  constructor(code: S3Error['code'], options: S3ErrorOptions = {}) {
    super(options.message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.fields = options.fields ?? {}
    this.reason = options.reason
  }
}

/** What AWS has and Coffer has not, by its name. */
export function notImplemented(name: string): S3Error {
  return new S3Error('NotImplemented', { message: `Coffer does not implement ${name}.` })
}

/** An argument that makes no sense, named as AWS names it. */
export function invalidArgument(
  message: string,
  argument: { readonly name: string; readonly value: string },
): S3Error {
  return new S3Error('InvalidArgument', {
    message,
    fields: { ArgumentName: argument.name, ArgumentValue: argument.value },
  })
}

export type S3ErrorCode =
  | S3OwnCode
  | StorageErrorCode
  | AuthenticationErrorCode
  | FormErrorCode
  | TransferErrorCode
  | DirectoryErrorCode

/** The one refusal of the directory that S3 can meet: it only asks whose a key is. */
type DirectoryErrorCode = Extract<AccessErrorCode, 'DirectoryUnavailable'>

/** @see S3 API Reference, Error responses, List of error codes */
export const S3_ERRORS: Readonly<Record<S3ErrorCode, ErrorAnswer>> = {
  // who asks, and may they
  AccessDenied: answer(403, 'AccessDenied', 'Access Denied'),
  ...AUTHENTICATION_ANSWERS,
  DirectoryUnavailable: answer(503, 'ServiceUnavailable', 'Nobody knows now who may do what.'),
  CorsNotAllowed: answer(403, 'AccessForbidden'),
  CorsNotEnabled: answer(
    403,
    'AccessForbidden',
    'CORSResponse: CORS is not enabled for this bucket.',
  ),

  // what was named is not there, or is there already
  NoSuchBucket: answer(404, 'NoSuchBucket', 'The specified bucket does not exist'),
  BucketAlreadyExists: answer(
    409,
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of ' +
      'the system. Please select a different name and try again.',
  ),
  BucketAlreadyOwnedByYou: answer(
    409,
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
  ),
  BucketNotEmpty: answer(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty'),
  NoSuchKey: answer(404, 'NoSuchKey', 'The specified key does not exist.'),
  NoSuchVersion: answer(404, 'NoSuchVersion', 'The specified version does not exist.'),
  VersionIsDeleteMarker: answer(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
  ),
  NoSuchUpload: answer(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have ' +
      'been aborted or completed.',
  ),
  NoSuchDocument: answer(404, 'NoSuchConfiguration', 'The specified configuration does not exist.'),
  NoCorsConfiguration: answer(
    404,
    'NoSuchCORSConfiguration',
    'The CORS configuration does not exist',
  ),
  NoEncryptionConfiguration: answer(
    404,
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
  ),
  NoLifecycleConfiguration: answer(
    404,
    'NoSuchLifecycleConfiguration',
    'The lifecycle configuration does not exist',
  ),
  NoMetadataConfiguration: answer(
    404,
    'MetadataConfigurationNotFound',
    'The metadata configuration does not exist for this bucket',
  ),
  NoBucketPolicy: answer(404, 'NoSuchBucketPolicy', 'The bucket policy does not exist'),
  NoOwnershipControls: answer(
    404,
    'OwnershipControlsNotFoundError',
    'The bucket ownership controls were not found',
  ),
  NoPublicAccessBlock: answer(
    404,
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ),
  NoObjectLockConfiguration: answer(
    404,
    'ObjectLockConfigurationNotFoundError',
    'Object Lock configuration does not exist for this bucket',
  ),
  NoReplicationConfiguration: answer(
    404,
    'ReplicationConfigurationNotFoundError',
    'The replication configuration was not found',
  ),
  NoSuchAnnotation: answer(
    404,
    'NoSuchAnnotation',
    'The specified annotation does not exist on this object.',
  ),
  NoSuchTorrent: answer(404, 'NoSuchKey', 'The object has no torrent.'),
  NoTagSet: answer(404, 'NoSuchTagSet', 'The TagSet does not exist'),
  NoWebsiteConfiguration: answer(
    404,
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
  ),
  NoRetention: answer(
    404,
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
  ),

  // the request cannot be carried out as it stands
  AccessControlListNotSupported: answer(
    400,
    'AccessControlListNotSupported',
    'The bucket does not allow ACLs',
  ),
  IllegalLocationConstraint: answer(400, 'IllegalLocationConstraintException'),
  IllegalVersioningConfiguration: answer(
    400,
    'IllegalVersioningConfigurationException',
    'The Versioning element must be specified',
  ),
  InvalidArgument: answer(400, 'InvalidArgument'),
  InvalidBucketAcl: answer(
    400,
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  ),
  InvalidBucketName: answer(400, 'InvalidBucketName', 'The specified bucket is not valid.'),
  InvalidBucketState: answer(409, 'InvalidBucketState'),
  InvalidChecksum: answer(400, 'InvalidRequest'),
  InvalidDigest: answer(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid'),
  InvalidKey: answer(400, 'InvalidArgument'),
  InvalidLocationConstraint: answer(
    400,
    'InvalidLocationConstraint',
    'The specified location-constraint is not valid',
  ),
  InvalidPart: answer(
    400,
    'InvalidPart',
    'One or more of the specified parts could not be found.  The part may not have been ' +
      "uploaded, or the specified entity tag may not match the part's entity tag.",
  ),
  InvalidPartNumber: answer(
    416,
    'InvalidPartNumber',
    'The requested partnumber is not satisfiable',
  ),
  InvalidPartOrder: answer(
    400,
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
  ),
  InvalidRange: answer(416, 'InvalidRange', 'The requested range is not satisfiable'),
  InvalidRequest: answer(400, 'InvalidRequest'),
  InvalidRetentionPeriod: answer(400, 'InvalidRetentionPeriod'),
  InvalidStorageClass: answer(
    400,
    'InvalidStorageClass',
    'The storage class you specified is not valid',
  ),
  InvalidTag: answer(400, 'InvalidTag'),
  InvalidURI: answer(400, 'InvalidURI', "Couldn't parse the specified URI."),
  KeyTooLong: answer(400, 'KeyTooLongError', 'Your key is too long'),
  MalformedPolicy: answer(400, 'MalformedPolicy'),
  MalformedAcl: answer(
    400,
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
  ),
  MissingAcl: answer(400, 'MissingSecurityHeader', 'Your request was missing a required header'),
  UnexpectedContent: answer(400, 'UnexpectedContent', 'This request does not support content'),
  UnresolvableGrant: answer(
    400,
    'UnresolvableGrantByEmailAddress',
    'The e-mail address you provided does not match any account on record.',
  ),
  MalformedXML: answer(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  ),
  MaxMessageLengthExceeded: answer(400, 'MaxMessageLengthExceeded', 'Your request was too big.'),
  MetadataTooLarge: answer(
    400,
    'MetadataTooLarge',
    'Your metadata headers exceed the maximum allowed metadata size',
  ),
  MethodNotAllowed: answer(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
  ),
  MissingContentLength: answer(
    411,
    'MissingContentLength',
    'You must provide the Content-Length HTTP header.',
  ),
  MissingRequestBody: answer(400, 'MissingRequestBodyError', 'Request Body is empty'),
  NotImplemented: answer(501, 'NotImplemented'),
  NotSupported: answer(501, 'NotImplemented'),
  ObjectLockNotEnabled: answer(
    400,
    'InvalidRequest',
    'Bucket is missing Object Lock Configuration',
  ),
  PreflightIncomplete: answer(400, 'BadRequest'),
  PartTooSmall: answer(
    400,
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
  ),
  BodyTooLarge: answer(
    400,
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
  ),
  TooManyTags: answer(400, 'BadRequest'),
  TooManyBuckets: answer(400, 'TooManyBuckets'),
  TooManyUploads: answer(400, 'InvalidRequest'),
  TooManyWrites: answer(400, 'InvalidRequest'),
  VersioningLocked: answer(
    409,
    'InvalidBucketState',
    'An Object Lock configuration is present on this bucket, so the versioning state cannot be ' +
      'changed.',
  ),

  // the bytes are not what was announced, or do not come
  BadDigest: answer(400, 'BadDigest'),
  BadChecksum: answer(400, 'BadDigest'),
  IncompleteBody: answer(
    400,
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  ),
  BadPayloadHash: answer(
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ),

  // the state forbids it
  PreconditionFailed: answer(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  ),
  NotModified: answer(304, 'NotModified', 'Not Modified'),
  ObjectLocked: answer(
    403,
    'AccessDenied',
    'Access Denied because object protected by object lock.',
  ),
  CursorExpired: answer(400, 'InvalidArgument'),

  // the store cannot; its own words are for the operator, and stand in the log
  Damaged: answer(500, 'InternalError', 'The object is damaged, and is not served.'),
  StorageFull: answer(
    507,
    'InsufficientStorage',
    'The store has no space left for this. Deletes still work.',
  ),
  FeedFull: answer(503, 'ServiceUnavailable', 'The change feed is full, so writes are refused.'),
  ReadOnly: answer(503, 'ServiceUnavailable', 'The store is read-only.'),
  StoreFailed: answer(
    503,
    'ServiceUnavailable',
    'The store refuses writes after a failure, until it is restarted.',
  ),
  StoreInUse: answer(503, 'ServiceUnavailable', 'The store is not available.'),
  UnknownFormat: answer(503, 'ServiceUnavailable', 'The store is not available.'),
  Closed: answer(503, 'ServiceUnavailable', 'The server is stopping. Please try again.'),

  ...FORM_ANSWERS,
  ...TRANSFER_ANSWERS,
}
