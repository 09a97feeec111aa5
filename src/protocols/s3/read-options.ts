// What GetObject and HeadObject are asked for: which version, which bytes, under which conditions.
import { LIMITS } from '../../storage/limits.ts'
import type { GetOptions, VersionName } from '../../storage/object-store.ts'
import { parseCondition } from '../http/conditional.ts'
import { findParameter } from '../http/query.ts'
import { parseRange } from '../http/range.ts'
import { findHeader } from '../http/request.ts'
import { type AccessCheck, onObject, type S3Call } from './operation.ts'
import { invalidArgument, S3Error } from './errors.ts'

/** Reading a version by its id is a permission of its own. */
export function readAccess(call: S3Call): AccessCheck {
  const isVersion = findParameter(call.query, 'versionId') !== undefined
  return onObject(isVersion ? 's3:GetObjectVersion' : 's3:GetObject', call)
}

/** The object that a call names, and its version if it names one. @throws S3Error `InvalidArgument` */
export function versionName({ bucket, key, query }: S3Call): VersionName {
  const versionId = findParameter(query, 'versionId')
  if (versionId === undefined) return { bucket, key }
  if (versionId !== '') return { bucket, key, versionId }
  throw invalidArgument('Version id cannot be the empty string', { name: 'versionId', value: '' })
}

/** @throws S3Error `InvalidArgument`, `InvalidRequest` */
export function readOptions(call: S3Call): GetOptions {
  const range = parseRange(findHeader(call.headers, 'range'))
  const partNumber = parsePartNumber(call)
  const condition = parseCondition(call.headers)
  if (range !== undefined && partNumber !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    })
  }
  return {
    ...(range && { range }),
    ...(partNumber !== undefined && { partNumber }),
    ...(condition && { condition }),
  }
}

/** @throws S3Error `InvalidArgument` */
export function parsePartNumber({ query }: Pick<S3Call, 'query'>): number | undefined {
  const value = findParameter(query, 'partNumber')
  if (value === undefined) return undefined
  const partNumber = /^\d{1,5}$/.test(value) ? Number(value) : 0
  if (partNumber >= 1 && partNumber <= LIMITS.parts) return partNumber
  const message = `Part number must be an integer between 1 and ${LIMITS.parts}, inclusive`
  throw invalidArgument(message, { name: 'partNumber', value })
}
