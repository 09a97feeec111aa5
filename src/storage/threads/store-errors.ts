import type { ReviveErrors } from '../../base/calls/sent-errors.ts'
import { StorageError, type StorageErrorCode, type StorageErrorDetails } from '../storage-error.ts'

type Fields = { readonly code: StorageErrorCode; readonly details: StorageErrorDetails }

/** What a store throws in its own thread is thrown by its client as the same class. */
export const STORE_ERRORS: ReviveErrors = {
  StorageError: ({ message, fields }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fields of that very class
    const { code, details } = fields as Fields
    return new StorageError(code, message, { details })
  },
}
