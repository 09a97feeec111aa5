// What a call names in its query: version, part, upload; and how GetObject and HeadObject read it.
import { LIMITS } from '../../storage/limits.ts'
import type {
  GetOptions,
  ObjectName,
  PartName,
  UploadName,
  VersionName,
} from '../../storage/object-store.ts'
import { parseCondition } from '../http/conditional.ts'
import { findParameter } from '../http/query.ts'
import { parseRange } from '../http/range.ts'
import { findHeader } from '../http/request.ts'
import { type AccessCheck, onObject, type S3Call } from './operation.ts'
import { invalidArgument, S3Error } from './errors.ts'

/** Reading a version by its id is a right of its own. */
export function readAccess(call: S3Call): AccessCheck {
  return versionAccess(call, { verb: 'GetObject' })
}

/** `s3:GetObjectTagging`, or `s3:GetObjectVersionTagging` when the call names a version. */
export function versionAccess(
  call: S3Call,
  { verb, what = '' }: { readonly verb: string; readonly what?: string },
): AccessCheck {
  const name = versionName(call)
  return onObject(`s3:${verb}${name.versionId === undefined ? '' : 'Version'}${what}`, name)
}

export function objectName({ bucket, key }: S3Call): ObjectName {
  return { bucket, key }
}

/** Ids are opaque, but go back into a header: no spaces, nothing that cannot be printed. */
const VERSION_ID = /^[!-~]{1,1024}$/

/** The object that a call names, and its version, if any. @throws S3Error `InvalidArgument` */
export function versionName({ bucket, key, query }: S3Call): VersionName {
  const versionId = findParameter(query, 'versionId')
  if (versionId === undefined) return { bucket, key }
  if (VERSION_ID.test(versionId)) return { bucket, key, versionId }
  throw invalidArgument('Invalid version id specified', { name: 'versionId', value: versionId })
}

/** @throws S3Error `InvalidArgument`, `InvalidRequest` */
export function readOptions(call: S3Call): GetOptions {
  assertMayOverride(call)
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

/** Or whoever spreads a link could have a public object shown as a page of the server's. */
function assertMayOverride({ caller, query }: S3Call): void {
  if (caller.kind !== 'anonymous') return
  if (!query.some(({ name }) => name.startsWith('response-'))) return
  throw new S3Error('InvalidRequest', {
    message: 'Request specific response headers cannot be used for anonymous GET requests.',
  })
}

/** @throws S3Error `InvalidArgument` */
function parsePartNumber({ query }: Pick<S3Call, 'query'>): number | undefined {
  const value = findParameter(query, 'partNumber')
  if (value === undefined) return undefined
  const partNumber = /^\d{1,5}$/.test(value) ? Number(value) : 0
  if (partNumber >= 1 && partNumber <= LIMITS.parts) return partNumber
  const message = `Part number must be an integer between 1 and ${LIMITS.parts}, inclusive`
  throw invalidArgument(message, { name: 'partNumber', value })
}

/** The upload that a call names. */
export function uploadName({ bucket, key, query }: S3Call): UploadName {
  return { bucket, key, uploadId: findParameter(query, 'uploadId') ?? '' }
}

/** @throws S3Error `InvalidArgument` */
export function partName(call: S3Call): PartName {
  return { ...uploadName(call), partNumber: parsePartNumber(call) ?? 0 }
}
