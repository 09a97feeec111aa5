// The condition keys of what a request would make of an object: its tags and its lock. They come
// from headers of writes, and from the documents of PutObjectTagging and the like.
import type { ConditionKeys } from '../../../services/access/question.ts'
import type { Pairs } from '../../../storage/object-version.ts'
import type { Retention } from '../../../storage/retention.ts'
import { findHeader, type HttpHeaders } from '../../http/request.ts'
import { parseLockHeaders } from '../object-lock.ts'
import { parseTaggingHeader } from '../tagging.ts'

/** @throws S3Error `InvalidTag` */
export function tagKeys(headers: HttpHeaders): ConditionKeys {
  return headers['x-amz-tagging'] === undefined ? NONE : keysOfTags(parseTaggingHeader(headers))
}

/** `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`. */
export function keysOfTags(tags: Pairs): ConditionKeys {
  if (tags.length === 0) return NONE
  const keys = new Map<string, readonly string[]>()
  for (const [name, value] of tags) keys.set(`s3:requestobjecttag/${name.toLowerCase()}`, [value])
  return keys.set(
    's3:requestobjecttagkeys',
    tags.map(([name]) => name),
  )
}

/** @throws S3Error `InvalidArgument` */
export function lockKeys(headers: HttpHeaders, now: Date): ConditionKeys {
  const { retention } = parseLockHeaders(headers, now)
  const hold = findHeader(headers, 'x-amz-object-lock-legal-hold')
  return new Map([...keysOfRetention(retention, now), ...keysOfLegalHold(hold)])
}

const DAY_MS = 86_400_000

/** `s3:object-lock-mode` and until when; remaining days begin as whole ones. */
export function keysOfRetention(retention: Retention | undefined, now: Date): ConditionKeys {
  if (retention === undefined) return NONE
  const { mode, until } = retention
  const days = Math.ceil((until.getTime() - now.getTime()) / DAY_MS)
  return new Map([
    ['s3:object-lock-mode', [mode]],
    ['s3:object-lock-retain-until-date', [until.toISOString()]],
    ['s3:object-lock-remaining-retention-days', [String(days)]],
  ])
}

/** `s3:object-lock-legal-hold`: `ON` or `OFF`. */
export function keysOfLegalHold(hold: string | undefined): ConditionKeys {
  return hold === undefined ? NONE : new Map([['s3:object-lock-legal-hold', [hold]]])
}

const NONE: ConditionKeys = new Map()
