/** Why a request does not prove who sent it. */
export type AuthenticationErrorCode =
  /** Nothing in the request says who sends it. */
  | 'AuthenticationMissing'
  /** Both an Authorization header and query parameters say so. */
  | 'AuthenticationAmbiguous'
  /** Signature Version 2 where it is not accepted. */
  | 'AuthenticationUnsupported'
  /** A scheme that S3 never had, such as a bearer token. */
  | 'AuthorizationTypeUnknown'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryMalformed'
  /** A field of a form that says who sends it makes no sense. */
  | 'FormFieldInvalid'
  | 'AccessKeyUnknown'
  /** A token of temporary keys, which there are none of. */
  | 'SecurityTokenInvalid'
  | 'DateMissing'
  | 'ClockSkewed'
  | 'PresignedUrlExpired'
  | 'PresignedUrlNotYetValid'
  /** A presigned URL of version 2 lacks a parameter. */
  | 'PresignedUrlIncomplete'
  /** `host` or an `x-amz-` header is there, but the signature does not cover it. */
  | 'HeaderUnsigned'
  | 'PayloadHashMissing'
  | 'PayloadHashMalformed'
  | 'SignatureMismatch'

/** What helps the sender to find the fault. Holds no secret. */
export type AuthenticationErrorDetails = {
  readonly accessKey?: string
  readonly canonicalRequest?: string
  readonly stringToSign?: string
  readonly signature?: string
  readonly unsignedHeaders?: readonly string[]
  /** The region that would have been right. */
  readonly region?: string
  /** The part of the request that is wrong. */
  readonly argument?: { readonly name: string; readonly value: string }
  /** When the request says that it was signed, as it says it. */
  readonly timestamp?: string
  readonly maxSkewMs?: number
  readonly expiresSeconds?: number
  readonly expiredAt?: Date
  readonly checkedAt?: Date
}

/** Thrown where a request does not prove who sent it. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError'
  readonly code: AuthenticationErrorCode
  readonly details: AuthenticationErrorDetails

  constructor(
    code: AuthenticationErrorCode,
    message: string,
    details: AuthenticationErrorDetails = {},
  ) {
    super(message)
    this.code = code
    this.details = details
  }
}
