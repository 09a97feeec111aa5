// What AWS answers when a request, or its body, does not come as it should or when it should.
import type { AdmissionErrorCode } from '../../http/admission/admission-error.ts'
import type { HttpFailureCode } from '../../http/http-failure.ts'
import type { RequestBodyErrorCode } from '../../http/request.ts'
import type { ChunkedBodyErrorCode } from '../chunked-body.ts'
import { answer, type ErrorAnswer } from './error-answer.ts'

export type TransferErrorCode =
  | HttpFailureCode
  | RequestBodyErrorCode
  | ChunkedBodyErrorCode
  | AdmissionErrorCode

const SLOW_DOWN = answer(503, 'SlowDown', 'Please reduce your request rate.')

/** @see S3 API Reference, Error responses, List of error codes */
export const TRANSFER_ANSWERS: Readonly<Record<TransferErrorCode, ErrorAnswer>> = {
  ChunkSignatureMismatch: answer(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your ' +
      'key and signing method.',
  ),
  ChunkTooLarge: answer(400, 'InvalidRequest'),
  DecodedSizeMismatch: answer(400, 'IncompleteBody', 'The request body terminated unexpectedly'),
  FramingMalformed: answer(400, 'InvalidRequest'),
  TrailerMalformed: answer(
    400,
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our ' +
      'published schema.',
  ),
  TrailerSignatureMismatch: answer(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your ' +
      'key and signing method.',
  ),
  BodyIncomplete: answer(
    400,
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  ),
  BodyTimeout: answer(
    400,
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout ' +
      'period. Idle connections will be closed.',
  ),
  MalformedRequest: answer(400, 'BadRequest', 'An error occurred when parsing the HTTP request.'),
  MissingHost: answer(400, 'InvalidRequest', 'Missing required header for this request: Host'),
  TlsExpected: answer(
    400,
    'InvalidRequest',
    'This port speaks HTTPS. Use https:// in the address.',
  ),
  HeadersTooLarge: answer(
    400,
    'RequestHeaderSectionTooLarge',
    'Your request header section exceeds the maximum allowed size.',
  ),
  HeadersTimeout: answer(
    400,
    'RequestTimeout',
    'Your socket connection to the server was not read from or written to within the timeout ' +
      'period. Idle connections will be closed.',
  ),
  ServerBusy: SLOW_DOWN,
  CallerBusy: SLOW_DOWN,
  MemoryBusy: SLOW_DOWN,
  ServerStopping: answer(
    503,
    'ServiceUnavailable',
    'The server is stopping. Please try again in a moment.',
  ),
  InternalError: answer(
    500,
    'InternalError',
    'We encountered an internal error. Please try again.',
  ),
}
