// What AWS answers to a form that it does not take.
import { answer, type ErrorAnswer } from './error-answer.ts'

export type FormErrorCode =
  /** A POST that is no form. */
  | 'FormExpected'
  /** The fields before the file are too large. */
  | 'FormTooLarge'
  | 'FileTooLarge'
  | 'FileTooSmall'
  | 'InvalidPolicyDocument'
  | 'MalformedPostRequest'
  /** The form is not what its policy allows. */
  | 'PolicyNotMet'

/** @see S3 API Reference, Error responses, List of error codes */
export const FORM_ANSWERS: Readonly<Record<FormErrorCode, ErrorAnswer>> = {
  FormExpected: answer(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  ),
  FormTooLarge: answer(
    400,
    'MaxPostPreDataLengthExceededError',
    'Your POST request fields preceding the upload file were too large.',
  ),
  FileTooLarge: answer(
    400,
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
  ),
  FileTooSmall: answer(
    400,
    'EntityTooSmall',
    'Your proposed upload is smaller than the minimum allowed size',
  ),
  InvalidPolicyDocument: answer(400, 'InvalidPolicyDocument'),
  MalformedPostRequest: answer(
    400,
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  ),
  PolicyNotMet: answer(403, 'AccessDenied'),
}
