// `x-amz-copy-source` and what belongs to it: the object that CopyObject and UploadPartCopy read.
import type { CopySource } from '../../storage/object-store.ts'
import type { ByteRange } from '../../storage/range.ts'
import { parseCondition } from '../http/conditional.ts'
import { decodePercent } from '../http/query.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { invalidArgument } from './errors.ts'

const HEADER = 'x-amz-copy-source'
const VERSION_PARAMETER = '?versionId='

/**
 * `[/]bucket/key[?versionId=id]`, percent-encoded. A key may hold question marks, so a version id counts
 * only at the end.
 * @throws S3Error `InvalidArgument`
 */
export function parseCopySource(headers: HttpHeaders): CopySource {
  const value = findHeader(headers, HEADER) ?? ''
  const versionAt = value.lastIndexOf(VERSION_PARAMETER)
  const rawPath = versionAt === -1 ? value : value.slice(0, versionAt)
  const path = decodePercent(rawPath)?.replace(/^\//, '')
  const slash = path?.indexOf('/') ?? -1
  if (path === undefined || slash < 1 || slash === path.length - 1) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      {
        name: HEADER,
        value,
      },
    )
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
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last ' +
        'are the zero-based offsets of the first and last bytes to copy',
      { name, value },
    )
  }
  return { start: Number(first), end: Number(last) + 1 }
}
