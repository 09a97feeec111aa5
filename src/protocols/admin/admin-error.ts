/** Coffer's own API in the words of HTTP: every code that it can answer, with its status. */
import {
  AuthenticationError,
  type AuthenticationErrorCode,
} from '../http/signature/authentication-error.ts'
import type { HttpResponse } from '../http/response.ts'
import { RequestBodyError, type RequestBodyErrorCode } from '../http/request.ts'
import { JsonError } from '../../base/json.ts'
import {
  type AccessErrorCode,
  isAccessError,
} from '../../services/access/directory/access-error.ts'
import { isStorageError, type StorageErrorCode } from '../../storage/storage-error.ts'
import type { ErrorLine } from './contract.ts'

/** What this API refuses before anybody else is asked. */
export type AdminErrorCode =
  | 'AccessDenied'
  | 'NoSuchOperation'
  | 'ParameterMissing'
  | 'MalformedJson'
  | 'InternalError'

export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly code: AdminErrorCode

  constructor(code: AdminErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

type AnsweredCode =
  | AdminErrorCode
  | AuthenticationErrorCode
  | StorageErrorCode
  | AccessErrorCode
  | RequestBodyErrorCode

export const ADMIN_STATUSES: Readonly<Record<AnsweredCode, number>> = {
  AccessDenied: 403,
  NoSuchOperation: 404,
  ParameterMissing: 400,
  MalformedJson: 400,
  InternalError: 500,
  BodyIncomplete: 400,
  BodyTimeout: 408,

  NoSuchAccount: 404,
  NoSuchUser: 404,
  NoSuchAccessKey: 404,
  NoSuchGroup: 404,
  NoSuchPolicy: 404,
  AccountExists: 409,
  UserExists: 409,
  AccessKeyExists: 409,
  GroupExists: 409,
  InvalidName: 400,
  MalformedPolicy: 400,
  MalformedIdentities: 400,
  LimitExceeded: 409,
  AccountNotEmpty: 409,
  PolicyInUse: 409,
  ManagedByFile: 409,
  BuiltIn: 409,
  DirectoryUnavailable: 503,

  AuthenticationMissing: 403,
  AuthenticationAmbiguous: 400,
  AuthenticationUnsupported: 400,
  AuthorizationTypeUnknown: 400,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryMalformed: 400,
  FormFieldInvalid: 400,
  SecurityTokenInvalid: 400,
  AccessKeyUnknown: 403,
  DateMissing: 403,
  ClockSkewed: 403,
  PresignedUrlExpired: 403,
  PresignedUrlIncomplete: 403,
  PresignedUrlNotYetValid: 403,
  HeaderUnsigned: 403,
  PayloadHashMissing: 400,
  PayloadHashMalformed: 400,
  SignatureMismatch: 403,

  NoSuchBucket: 404,
  BucketAlreadyExists: 409,
  BucketNotEmpty: 409,
  NoSuchKey: 404,
  NoSuchVersion: 404,
  VersionIsDeleteMarker: 405,
  NoSuchUpload: 404,
  NoSuchDocument: 404,
  InvalidBucketName: 400,
  InvalidKey: 400,
  InvalidArgument: 400,
  InvalidRange: 416,
  InvalidPartNumber: 416,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  PartTooSmall: 400,
  BodyTooLarge: 413,
  MetadataTooLarge: 400,
  TooManyBuckets: 400,
  TooManyUploads: 400,
  TooManyWrites: 400,
  VersioningLocked: 409,
  ObjectLockNotEnabled: 409,
  NotSupported: 501,
  BadDigest: 400,
  BadPayloadHash: 400,
  BadChecksum: 400,
  IncompleteBody: 400,
  PreconditionFailed: 412,
  NotModified: 304,
  ObjectLocked: 403,
  CursorExpired: 410,
  Damaged: 500,
  StorageFull: 507,
  FeedFull: 507,
  ReadOnly: 409,
  StoreFailed: 500,
  StoreInUse: 409,
  UnknownFormat: 409,
  Closed: 503,
}

/** The answer to a request that failed. */
export function renderError(error: unknown, requestId: string): HttpResponse {
  const line = toErrorLine(error, requestId)
  return {
    status: ADMIN_STATUSES[codeOf(error)],
    headers: { 'content-type': 'application/json', 'x-amz-request-id': requestId },
    body: `${JSON.stringify(line)}\n`,
    logFields: { errorCode: line.error.code },
  }
}

/** What the caller may know: nothing but the request id of what nobody foresaw. */
export function toErrorLine(error: unknown, requestId: string): ErrorLine {
  const code = codeOf(error)
  const isKnown = code !== 'InternalError' && error instanceof Error
  const message = isKnown ? error.message : `It failed; the log says why at ${requestId}.`
  return { error: { code, message, requestId } }
}

export function codeOf(error: unknown): AnsweredCode {
  if (error instanceof AdminError || error instanceof AuthenticationError) return error.code
  if (isStorageError(error) || isAccessError(error)) return error.code
  if (error instanceof RequestBodyError) return error.code
  if (error instanceof JsonError) return 'MalformedJson'
  return 'InternalError'
}
