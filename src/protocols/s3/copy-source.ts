// `x-amz-copy-source` and what belongs to it: the object that CopyObject and UploadPartCopy read.
import { assertCopyCondition } from '../../storage/condition.ts'
import { LIMITS } from '../../storage/limits.ts'
import type { CopySource } from '../../storage/object-store.ts'
import { NULL_VERSION, type ObjectVersion } from '../../storage/object-version.ts'
import type { ByteRange } from '../../storage/range.ts'
import { isStorageError } from '../../storage/storage-error.ts'
import type { Storage } from '../../storage/storage.ts'
import { parseCondition } from '../http/conditional.ts'
import { decodePercent } from '../http/query.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import type { ResponseHeaders } from '../http/response.ts'
import { versionHeaders } from './answer.ts'
import { invalidArgument, S3Error } from './errors.ts'
import { type AccessCheck, onObject, type S3Call } from './operation.ts'

const HEADER = 'x-amz-copy-source'
const VERSION_PARAMETER = '?versionId='

/**
 * `[/]bucket/key[?versionId=id]`, percent-encoded. A key may hold question marks, so a version id
 * counts only at the end.
 * @throws S3Error `InvalidArgument`
 */
export function parseCopySource(headers: HttpHeaders): CopySource {
  const value = findHeader(headers, HEADER) ?? ''
  const versionAt = value.lastIndexOf(VERSION_PARAMETER)
  const rawPath = versionAt === -1 ? value : value.slice(0, versionAt)
  const path = decodePercent(rawPath)?.replace(/^\//, '')
  const slash = path?.indexOf('/') ?? -1
  if (path === undefined || path === '' || slash === 0) {
    throw invalidArgument('Invalid copy source bucket name', { name: HEADER, value })
  }
  if (slash === -1 || slash === path.length - 1) {
    throw invalidArgument('Invalid copy source object key', { name: HEADER, value })
  }
  const versionId = versionAt === -1 ? '' : value.slice(versionAt + VERSION_PARAMETER.length)
  const condition = parseCondition(headers, `${HEADER}-`)
  return {
    bucket: path.slice(0, slash),
    key: path.slice(slash + 1),
    ...(versionId !== '' && { versionId }),
    ...(condition && { condition }),
  }
}

/**
 * The stretch of the source that becomes a part. Both ends must be named.
 * @throws S3Error `InvalidArgument`
 */
export function parseCopyRange(headers: HttpHeaders): ByteRange | undefined {
  const name = 'x-amz-copy-source-range'
  const value = findHeader(headers, name)
  if (value === undefined) return undefined
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(value) ?? []
  if (first === undefined || Number(last) < Number(first)) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and ' +
        'last are the zero-based offsets of the first and last bytes to copy',
      { name, value },
    )
  }
  return { start: Number(first), end: Number(last) + 1 }
}

/** The source of a copy, looked at before it is copied. */
export type FoundSource = {
  /** As the request names it. */
  readonly asked: CopySource
  /** The version that was looked at, so that no other one is copied. */
  readonly name: CopySource
  readonly version: ObjectVersion
  readonly headers: ResponseHeaders
}

/** @throws StorageError `NoSuchKey`, `PreconditionFailed`; S3Error `InvalidRequest` */
export async function findCopySource(call: S3Call, storage: Storage): Promise<FoundSource> {
  const asked = parseCopySource(call.headers)
  const bucket = await storage.buckets.get(asked.bucket)
  const version = await headSource(asked, storage)
  assertCopyCondition(asked.condition, version)
  // The null version may be replaced meanwhile, and then the copy takes what it finds.
  const isFixed = version.versionId !== NULL_VERSION
  const versionId = versionHeaders(bucket, version)['x-amz-version-id']
  return {
    asked,
    name: isFixed ? { ...asked, versionId: version.versionId } : asked,
    version,
    headers: { 'x-amz-copy-source-version-id': versionId },
  }
}

/** @throws S3Error `InvalidRequest` for more than one copy, or one part, may take */
export function assertCopySize(sizeBytes: number): void {
  if (sizeBytes <= LIMITS.copyBytes) return
  throw new S3Error('InvalidRequest', {
    message:
      'The specified copy source is larger than the maximum allowable size for a copy source: ' +
      `${LIMITS.copyBytes}`,
  })
}

async function headSource(
  { bucket, key, versionId }: CopySource,
  storage: Storage,
): Promise<ObjectVersion> {
  const name = { bucket, key, ...(versionId !== undefined && { versionId }) }
  try {
    return (await storage.objects.head(name, {})).version
  } catch (cause) {
    if (!isStorageError(cause, 'VersionIsDeleteMarker')) throw cause
    throw new S3Error('InvalidRequest', {
      message:
        'The source of a copy request may not specifically refer to a delete marker by version id.',
      cause,
    })
  }
}

/** What it takes to read the source. */
export function copyAccess({ headers }: Pick<S3Call, 'headers'>): AccessCheck {
  const source = parseCopySource(headers)
  return onObject(source.versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', source)
}
