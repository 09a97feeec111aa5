// What GetObject and HeadObject say of an object in their headers.
import type { Checksum } from '../../storage/checksum.ts'
import type { FoundObject, GetOptions } from '../../storage/object-store.ts'
import type { Pairs } from '../../storage/object-version.ts'
import { encodeHeaderText } from '../http/header-text.ts'
import { findParameter, type Query } from '../http/query.ts'
import { formatContentRange } from '../http/range.ts'
import { findHeader } from '../http/request.ts'
import type { ResponseHeaders } from '../http/response.ts'
import { quoteEtag } from './answer.ts'
import { checksumHeaders } from './checksums.ts'
import type { S3Call } from './operation.ts'

export type ObjectRead = { readonly call: S3Call; readonly options: GetOptions }

const DEFAULT_CONTENT_TYPE = 'binary/octet-stream'

/** What the version has, and the stretch of it that is answered. */
export function objectHeaders(found: FoundObject, read: ObjectRead): ResponseHeaders {
  const { call, options } = read
  const { version, range } = found
  const { headers, retention } = version
  return {
    'last-modified': version.modifiedAt.toUTCString(),
    etag: quoteEtag(version.etag),
    'accept-ranges': 'bytes',
    'content-length': range.end - range.start,
    'content-range': isPartial(found, options)
      ? formatContentRange(range, version.size)
      : undefined,
    'content-type': encodeHeaderText(headers.contentType ?? DEFAULT_CONTENT_TYPE),
    'cache-control': encodeOptional(headers.cacheControl),
    'content-disposition': encodeOptional(headers.contentDisposition),
    'content-encoding': encodeOptional(headers.contentEncoding),
    'content-language': encodeOptional(headers.contentLanguage),
    expires: encodeOptional(headers.expires),
    'x-amz-website-redirect-location': encodeOptional(headers.websiteRedirectLocation),
    'x-amz-mp-parts-count': options.partNumber === undefined ? undefined : version.partCount,
    'x-amz-tagging-count': version.tags.length === 0 ? undefined : version.tags.length,
    'x-amz-object-lock-mode': retention?.mode,
    'x-amz-object-lock-retain-until-date': retention?.until.toISOString(),
    'x-amz-object-lock-legal-hold': version.legalHold ? 'ON' : undefined,
    ...responseOverrides(call.query),
    ...metadataHeaders(version.metadata),
    ...checksumHeaders(shownChecksum(found, read)),
  }
}

/** 206 when a range or part was asked for, unless the object is empty and has none to name. */
export function objectStatus(found: FoundObject, options: GetOptions): 200 | 206 {
  return isPartial(found, options) ? 206 : 200
}

function isPartial({ version }: FoundObject, { range, partNumber }: GetOptions): boolean {
  return version.size > 0 && (range !== undefined || partNumber !== undefined)
}

function encodeOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : encodeHeaderText(text)
}

const OVERRIDES = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
} as const

function responseOverrides(query: Query): ResponseHeaders | undefined {
  if (!query.some(({ name }) => name.startsWith('response-'))) return undefined
  return Object.fromEntries(
    Object.entries(OVERRIDES).flatMap(([parameter, header]) => {
      const value = findParameter(query, parameter)
      return value === undefined ? [] : [[header, encodeHeaderText(value)]]
    }),
  )
}

function metadataHeaders(metadata: Pairs): ResponseHeaders | undefined {
  if (metadata.length === 0) return undefined
  return Object.fromEntries(
    metadata.map(([name, value]) => [`x-amz-meta-${name}`, encodeHeaderText(value)]),
  )
}

/** Of a part its own; of a mere range none, since none covers it. */
function shownChecksum(found: FoundObject, { call, options }: ObjectRead): Checksum | undefined {
  if (findHeader(call.headers, 'x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED') return undefined
  const { partNumber } = options
  const { version } = found
  if (partNumber !== undefined && found.parts.length > 0) {
    const part = found.parts.find((each) => each.partNumber === partNumber)
    return part?.checksum && { ...part.checksum, type: version.checksum?.type ?? 'full-object' }
  }
  const { range } = found
  return range.start === 0 && range.end === version.size ? version.checksum : undefined
}
