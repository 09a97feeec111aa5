// The conditions that only S3 has: on writes, and on deletes with their size and time.
import type { Condition, DeleteCondition } from '../../storage/condition.ts'
import { parseCondition, parseEtags } from '../http/conditional.ts'
import { parseHttpDate } from '../http/http-date.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { invalidArgument } from './errors.ts'

/** A write compares ETags only: S3 takes no dates there. */
export function parseWriteCondition(headers: HttpHeaders): Condition | undefined {
  const { ifMatch, ifNoneMatch } = parseCondition(headers) ?? {}
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined
  return { ...(ifMatch && { ifMatch }), ...(ifNoneMatch && { ifNoneMatch }) }
}

/** @see S3 API Reference, DeleteObject */
export function parseDeleteCondition(headers: HttpHeaders): DeleteCondition | undefined {
  return makeDeleteCondition({
    etag: findHeader(headers, 'if-match'),
    size: findHeader(headers, 'x-amz-if-match-size'),
    lastModified: findHeader(headers, 'x-amz-if-match-last-modified-time'),
  })
}

type DeleteConditionTexts = {
  readonly etag: string | undefined
  readonly size: string | undefined
  readonly lastModified: string | undefined
}

/**
 * A condition that cannot be read must not be dropped: the delete would go ahead.
 * @throws S3Error `InvalidArgument`
 */
export function makeDeleteCondition(texts: DeleteConditionTexts): DeleteCondition | undefined {
  const { etag, size, lastModified } = texts
  if (etag === undefined && size === undefined && lastModified === undefined) return undefined
  return {
    ...(etag !== undefined && { ifMatch: bareEtag(etag) }),
    ...(size !== undefined && { ifMatchSize: parseSize(size) }),
    ...(lastModified !== undefined && { ifMatchLastModified: parseMoment(lastModified) }),
  }
}

function parseSize(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw invalidArgument('The size is not a number.', { name: 'x-amz-if-match-size', value: text })
}

/** Headers bring HTTP dates, documents ISO 8601. */
function parseMoment(text: string): Date {
  const at = parseHttpDate(text) ?? new Date(text)
  if (!Number.isNaN(at.getTime())) return at
  throw invalidArgument('The last modified time is not a date.', {
    name: 'x-amz-if-match-last-modified-time',
    value: text,
  })
}

/** An ETag as storage knows it: clients send it with quotes and without. */
export function bareEtag(text: string): string {
  return parseEtags(text)[0] ?? ''
}
