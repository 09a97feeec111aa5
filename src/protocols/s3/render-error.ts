// Errors as callers see them: AWS's document, and headers where those say more.
import { renderXml, xmlElement, xmlText } from '../../base/xml.ts'
import { isAccessError } from '../../services/access/directory/access-error.ts'
import { LIMITS } from '../../storage/limits.ts'
import {
  StorageError,
  type StorageErrorCode,
  type StorageErrorDetails,
} from '../../storage/storage-error.ts'
import { AdmissionError } from '../http/admission/admission-error.ts'
import { AuthenticationError } from '../http/signature/authentication-error.ts'
import { RequestBodyError } from '../http/request.ts'
import type { HttpResponse, ResponseHeaders } from '../http/response.ts'
import { quoteEtag } from './answer.ts'
import { ChunkedBodyError } from './chunked-body.ts'
import { type ErrorFields, S3_ERRORS, S3Error, type S3ErrorCode } from './errors.ts'
import type { ErrorAnswer } from './errors/error-answer.ts'

type KnownError = Error & { readonly code: S3ErrorCode }

/** The code to answer with. What nobody foresaw is an internal error. */
export function errorCodeOf(error: unknown): S3ErrorCode {
  return isKnown(error) ? error.code : 'InternalError'
}

function isKnown(error: unknown): error is KnownError {
  return (
    error instanceof S3Error ||
    error instanceof StorageError ||
    error instanceof AuthenticationError ||
    error instanceof RequestBodyError ||
    error instanceof ChunkedBodyError ||
    error instanceof AdmissionError ||
    isAccessError(error, 'DirectoryUnavailable')
  )
}

/** What an error looks like to the caller, as a whole answer or in a list of results. */
export function describeError(error: unknown): Required<ErrorAnswer> {
  const found = S3_ERRORS[errorCodeOf(error)]
  const own = error instanceof Error ? error.message : ''
  const message = error instanceof S3Error && own !== '' ? own : (found.message ?? own)
  return { ...found, message }
}

export type FailedRequest = {
  readonly id: string
  /** Tells the processes behind one address apart. */
  readonly hostId: string
  readonly rawPath?: string
}

/** AWS's error document. HEAD and 304 go without it, which the HTTP server sees to. */
export function renderError(error: unknown, request: FailedRequest): HttpResponse {
  const { status, code, message } = describeError(error)
  const fields = Object.entries(fieldsOf(error))
  const document = xmlElement('Error', [
    xmlText('Code', code),
    xmlText('Message', message),
    ...fields.map(([name, value]) => xmlText(name, value)),
    xmlText('Resource', request.rawPath),
    xmlText('RequestId', request.id),
    xmlText('HostId', request.hostId),
  ])
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headersOf(error) },
    body: renderXml(document),
  }
}

/** What AWS adds for each kind of error. */
function fieldsOf(error: unknown): ErrorFields {
  if (error instanceof S3Error) return error.fields
  if (error instanceof StorageError) return storageFields(error)
  if (error instanceof AuthenticationError) return authenticationFields(error)
  return {}
}

function storageFields({ code, details }: StorageError): ErrorFields {
  const { bucket, key, versionId, size, announced, computed } = details
  return {
    BucketName: bucket,
    Key: key,
    ...(code === 'NoSuchVersion' && { VersionId: versionId }),
    ...(code === 'VersionIsDeleteMarker' && { ResourceType: 'DeleteMarker' }),
    ...(code === 'PreconditionFailed' && { Condition: details.condition }),
    ...(code === 'NoSuchUpload' && { UploadId: details.uploadId }),
    ...((code === 'InvalidPart' || code === 'PartTooSmall') && {
      PartNumber: details.partNumber?.toString(),
      ETag: details.etag,
    }),
    ...(code === 'PartTooSmall' && {
      ProposedSize: size?.toString(),
      MinSizeAllowed: LIMITS.partBytesMin.toString(),
    }),
    ...(code === 'InvalidRange' && { ActualObjectSize: size?.toString() }),
    ...(code === 'BadDigest' && { ExpectedDigest: announced, CalculatedDigest: computed }),
    ...(code === 'BadPayloadHash' && {
      ClientComputedContentSHA256: announced,
      S3ComputedContentSHA256: computed,
    }),
  }
}

/** What was signed here comes also byte by byte: white space is what clients get wrong. */
function authenticationFields({ details }: AuthenticationError): ErrorFields {
  const { stringToSign, canonicalRequest, argument } = details
  return {
    AWSAccessKeyId: details.accessKey,
    SignatureProvided: details.signature,
    StringToSign: stringToSign,
    StringToSignBytes: stringToSign && renderBytes(stringToSign),
    CanonicalRequest: canonicalRequest,
    CanonicalRequestBytes: canonicalRequest && renderBytes(canonicalRequest),
    HeadersNotSigned: details.unsignedHeaders?.join(', '),
    Region: details.region,
    ArgumentName: argument?.name,
    ArgumentValue: argument?.value,
    RequestTime: details.timestamp,
    'X-Amz-Expires': details.expiresSeconds?.toString(),
    Expires: renderSecond(details.expiredAt),
    ServerTime: renderSecond(details.checkedAt),
    MaxAllowedSkewMilliseconds: details.maxSkewMs?.toString(),
  }
}

function renderBytes(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$& ')
}

function renderSecond(at: Date | undefined): string | undefined {
  return at?.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** When to come back, where that alone helps. @see RFC 9110 §10.2.3 */
const RETRY_AFTER_SECONDS = 1
const RETRIED: ReadonlySet<S3ErrorCode> = new Set([
  'ServerBusy',
  'CallerBusy',
  'MemoryBusy',
  'ServerStopping',
])

/** Delete markers show themselves in headers, and 304 describes what did not change. */
function headersOf(error: unknown): ResponseHeaders {
  if (RETRIED.has(errorCodeOf(error))) return { 'retry-after': RETRY_AFTER_SECONDS }
  if (!(error instanceof StorageError)) return {}
  return HEADERS[error.code]?.(error.details) ?? {}
}

const HEADERS: Partial<
  Record<StorageErrorCode, (details: StorageErrorDetails) => ResponseHeaders>
> = {
  NoSuchKey: ({ versionId }) =>
    versionId === undefined ? {} : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId },
  VersionIsDeleteMarker: ({ versionId, modifiedAt }) => ({
    allow: 'DELETE',
    'x-amz-delete-marker': 'true',
    'x-amz-version-id': versionId,
    'last-modified': modifiedAt?.toUTCString(),
  }),
  NotModified: ({ etag, modifiedAt }) => ({
    etag: etag === undefined ? undefined : quoteEtag(etag),
    'last-modified': modifiedAt?.toUTCString(),
  }),
  InvalidRange: ({ size }) => ({
    'content-range': size === undefined ? undefined : `bytes */${size}`,
  }),
}
