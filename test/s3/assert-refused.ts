import assert from 'node:assert/strict'
import { S3ServiceException } from '@aws-sdk/client-s3'

/**
 * Passes when the server refuses with that status, and with that code unless the answer has no
 * body.
 */
export async function assertRefused(
  promise: Promise<unknown>,
  status: number,
  code?: string,
): Promise<S3ServiceException> {
  const error = await promise.then(
    () => assert.fail(`The server did not refuse; expected ${status} ${code ?? ''}.`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof S3ServiceException, String(error))
  assert.deepEqual(
    { status: error.$metadata.httpStatusCode, code: code === undefined ? undefined : error.name },
    { status, code },
    error.message,
  )
  return error
}
