// One request as one line. docs/monitoring.md says what each field means; a test compares.
import { findHeader } from '../../protocols/http/request.ts'
import type { AnsweredRequest, RequestFacts } from '../../protocols/http/response.ts'

/** Longer texts are cut, so that nobody makes lines of 32 KiB by sending such headers. */
const LENGTH_MAX = 1024
const USER_AGENT_LENGTH_MAX = 256
const NO_FACTS: RequestFacts = {}

/**
 * The line, with its end. Of the query there is nothing in it, and of the headers only the user
 * agent: signatures, credentials, tokens and policies stand in others.
 */
export function renderAccessLine(
  { request, response, ...sent }: AnsweredRequest,
  answeredMs: number,
): string {
  const { operation, bucket, key, account, identity, errorCode, reason } =
    response.logFields ?? NO_FACTS
  const line = JSON.stringify({
    time: new Date(answeredMs).toISOString(),
    requestId: request.id,
    sourceAddress: request.remoteAddress,
    account,
    identity,
    method: request.method,
    operation,
    bucket: cut(bucket),
    key: cut(key),
    status: response.status,
    errorCode,
    reason: cut(reason),
    receivedBytes: sent.receivedBytes,
    sentBytes: sent.sentBytes,
    durationMs: Math.round(sent.durationMs * 10) / 10,
    cutOff: sent.complete ? undefined : true,
    userAgent: cut(findHeader(request.headers, 'user-agent'), USER_AGENT_LENGTH_MAX),
  })
  return `${line}\n`
}

function cut(text: string | undefined, length = LENGTH_MAX): string | undefined {
  return text === undefined || text.length <= length ? text : text.slice(0, length)
}
