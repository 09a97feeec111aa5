// What AWS answers to a request that does not prove who sent it.
import type { AuthenticationErrorCode } from '../../http/signature/authentication-error.ts'
import { answer, type ErrorAnswer } from './error-answer.ts'

/** @see S3 API Reference, Error responses, List of error codes */
export const AUTHENTICATION_ANSWERS: Readonly<Record<AuthenticationErrorCode, ErrorAnswer>> = {
  AuthenticationMissing: answer(403, 'AccessDenied', 'Access Denied'),
  AuthenticationAmbiguous: answer(
    400,
    'InvalidArgument',
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query ' +
      'string parameter or the Authorization header should be specified',
  ),
  AuthenticationUnsupported: answer(400, 'InvalidRequest'),
  AuthorizationTypeUnknown: answer(400, 'InvalidArgument'),
  AuthorizationHeaderMalformed: answer(400, 'AuthorizationHeaderMalformed'),
  AuthorizationQueryMalformed: answer(400, 'AuthorizationQueryParametersError'),
  FormFieldInvalid: answer(400, 'InvalidArgument'),
  SecurityTokenInvalid: answer(400, 'InvalidToken'),
  AccessKeyUnknown: answer(
    403,
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  ),
  DateMissing: answer(
    403,
    'AccessDenied',
    'AWS authentication requires a valid Date or x-amz-date header',
  ),
  ClockSkewed: answer(
    403,
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
  ),
  PresignedUrlExpired: answer(403, 'AccessDenied', 'Request has expired'),
  PresignedUrlIncomplete: answer(403, 'AccessDenied'),
  PresignedUrlNotYetValid: answer(403, 'AccessDenied', 'Request is not valid yet'),
  HeaderUnsigned: answer(
    403,
    'AccessDenied',
    'There were headers present in the request which were not signed',
  ),
  PayloadHashMissing: answer(
    400,
    'InvalidRequest',
    'Missing required header for this request: x-amz-content-sha256',
  ),
  PayloadHashMalformed: answer(400, 'InvalidArgument'),
  SignatureMismatch: answer(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your ' +
      'key and signing method.',
  ),
}
