// Who learns that a key is missing: whoever may list the bucket, and nobody else.
// @see S3 API Reference, GetObject, Permissions
import type { Decision } from '../../../services/access/question.ts'
import type { ObjectName } from '../../../storage/object-store.ts'
import { isStorageError } from '../../../storage/storage-error.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findParameter } from '../../http/query.ts'
import { parseCopySource } from '../copy-source.ts'
import { S3Error } from '../errors.ts'
import { onBucket, type S3Call } from '../operation.ts'

/** What to say in place of an error that says that a key is missing. */
export async function concealMissing(error: unknown, call: S3Call): Promise<unknown> {
  if (!isStorageError(error, 'NoSuchKey')) return error
  const name = findCopied(call) ?? findRead(call)
  if (name === undefined) return error
  const { allowed, reason } = await mayList(name, call)
  return allowed ? error : new S3Error('AccessDenied', { reason, cause: error })
}

/** What to say in place of a denial to read what is not there. */
export async function revealMissing(
  error: unknown,
  call: S3Call,
  storage: Storage,
): Promise<unknown> {
  const name = findRead(call)
  if (name === undefined || !(error instanceof S3Error) || error.code !== 'AccessDenied') {
    return error
  }
  const { allowed } = await mayList(name, call)
  return allowed ? ((await findMissing(name, storage)) ?? error) : error
}

async function findMissing(name: ObjectName, storage: Storage): Promise<unknown> {
  try {
    await storage.objects.head(name, {})
    return undefined
  } catch (error) {
    return isStorageError(error, 'NoSuchKey') ? error : undefined
  }
}

/** The object that a call reads; parts of uploads are none. */
function findRead({ http, bucket, key, query }: S3Call): ObjectName | undefined {
  const isReading = http.method === 'GET' || http.method === 'HEAD'
  if (!isReading || key === '' || findParameter(query, 'uploadId') !== undefined) return undefined
  return { bucket, key }
}

/** The object that a copy reads. */
function findCopied({ http, headers }: S3Call): ObjectName | undefined {
  if (http.method !== 'PUT' || headers['x-amz-copy-source'] === undefined) return undefined
  return parseCopySource(headers)
}

/** Whether a list that shows the key would be allowed. */
function mayList({ bucket, key }: ObjectName, call: S3Call): Promise<Decision> {
  const keys = new Map([['s3:prefix', [key]]])
  return call.decide({ ...onBucket('s3:ListBucket', { bucket }), keys })
}
