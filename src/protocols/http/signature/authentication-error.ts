/** Why a request does not prove who sent it. */
export type AuthenticationErrorCode =
  /** Nothing in the request says who sends it. */
  | 'AuthenticationMissing'
  /** Both an Authorization header and query parameters say so. */
  | 'AuthenticationAmbiguous'
  /** Another scheme than Signature Version 4, such as version 2 or a bearer token. */
  | 'AuthenticationUnsupported'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryMalformed'
  | 'AccessKeyUnknown'
  | 'DateMissing'
  | 'ClockSkewed'
  | 'PresignedUrlExpired'
  | 'PresignedUrlNotYetValid'
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
  readonly signedAt?: Date
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
