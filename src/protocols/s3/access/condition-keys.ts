// What the conditions of policies may know of a request.
import type { ConditionKeys } from '../../../services/access/question.ts'
import { findHeader } from '../../http/request.ts'
import type { S3Call } from '../operation.ts'

/** @see Service Authorization Reference, "Condition keys for Amazon S3" */
export function conditionKeys({ http, at }: Pick<S3Call, 'http' | 'at'>): ConditionKeys {
  const keys = new Map<string, readonly string[]>([
    ['aws:sourceip', [http.remoteAddress]],
    ['aws:securetransport', [String(http.isSecure)]],
    ['aws:currenttime', [at.toISOString()]],
    ['aws:epochtime', [String(Math.floor(at.getTime() / 1000))]],
  ])
  const userAgent = findHeader(http.headers, 'user-agent')
  if (userAgent !== undefined) keys.set('aws:useragent', [userAgent])
  const referer = findHeader(http.headers, 'referer')
  if (referer !== undefined) keys.set('aws:referer', [referer])
  return keys
}
