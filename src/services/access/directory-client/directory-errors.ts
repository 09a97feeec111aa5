import type { ReviveErrors } from '../../../base/calls/sent-errors.ts'
import { AccessError, type AccessErrorCode } from '../directory/access-error.ts'

/** What a directory throws in its own thread is thrown by its client as the same class. */
export const DIRECTORY_ERRORS: ReviveErrors = {
  AccessError: ({ message, fields }) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the field of that very class
    new AccessError(fields['code'] as AccessErrorCode, message),
}
