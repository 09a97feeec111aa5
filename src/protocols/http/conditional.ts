import type { Condition } from '../../storage/condition.ts'
import { parseHttpDate } from './http-date.ts'
import { findHeader, type HttpHeaders } from './request.ts'

/**
 * The condition in a request's headers, `undefined` without one. With `prefix` it is that on the
 * source of a copy (`x-amz-copy-source-`). Dates that are not dates count for nothing.
 * @see RFC 9110 §13.1
 */
export function parseCondition(headers: HttpHeaders, prefix: string = ''): Condition | undefined {
  const ifMatch = readEtags(findHeader(headers, `${prefix}if-match`))
  const ifNoneMatch = readEtags(findHeader(headers, `${prefix}if-none-match`))
  const ifModifiedSince = readDate(findHeader(headers, `${prefix}if-modified-since`))
  const ifUnmodifiedSince = readDate(findHeader(headers, `${prefix}if-unmodified-since`))
  const condition = {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    ...(ifModifiedSince === undefined ? {} : { ifModifiedSince }),
    ...(ifUnmodifiedSince === undefined ? {} : { ifUnmodifiedSince }),
  }
  return Object.keys(condition).length === 0 ? undefined : condition
}

/** Nothing in it can match the same spaces twice: that took hours. */
const ETAG = /[ \t]*(?:(?:W\/)?"([^"]*)"[ \t]*|([^", \t][^",]*)?)(?:,|$)/gy

/**
 * The ETags of a list, without quotes; `*` stays. Unquoted ones are taken too, as S3 does, and weak
 * ones by their value, since S3 has no weak ETags.
 */
export function parseEtags(list: string): readonly string[] {
  return [...list.matchAll(ETAG)]
    .map(([, quoted, bare]) => quoted ?? bare?.trim() ?? '')
    .filter((etag) => etag !== '')
}

/** A header without any ETag matches nothing, which is not the same as no header. */
function readEtags(header: string | undefined): readonly string[] | undefined {
  return header === undefined ? undefined : parseEtags(header)
}

function readDate(header: string | undefined): Date | undefined {
  return header === undefined ? undefined : parseHttpDate(header)
}
