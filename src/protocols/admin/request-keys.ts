import type { Clock } from '../../base/clock.ts'
import type { ConditionKeys } from '../../services/access/question.ts'
import { findHeader, type HttpRequest } from '../http/request.ts'

/** What the conditions of policies may know of a request to this API. */
export function requestKeys(request: HttpRequest, clock: Clock): ConditionKeys {
  const { remoteAddress, isSecure, headers } = request
  const userAgent = findHeader(headers, 'user-agent')
  return new Map([
    ...timeKeys(clock),
    ['aws:sourceip', [remoteAddress]],
    ['aws:securetransport', [String(isSecure)]],
    ...(userAgent === undefined ? [] : [['aws:useragent', [userAgent]] as const]),
  ])
}

export function timeKeys(clock: Clock): ConditionKeys {
  const nowMs = clock.now()
  return new Map([
    ['aws:currenttime', [new Date(nowMs).toISOString()]],
    ['aws:epochtime', [String(Math.floor(nowMs / 1000))]],
  ])
}
