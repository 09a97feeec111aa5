import type { Log } from '../base/log.ts'
import type { AnsweredRequest } from '../protocols/http/response.ts'

/** Each request has a line in the log when its answer is out. Queries may hold signatures. */
export function createRequestLog(log: Log): (answered: AnsweredRequest) => void {
  return ({ request, response, sentBytes, complete, durationMs }) => {
    // The path names the key already, and who asked stands in the access log.
    const { key: _key, account: _account, identity: _identity, ...facts } = response.logFields ?? {}
    log.info('request', {
      requestId: request.id,
      method: request.method,
      path: request.rawPath,
      status: response.status,
      sizeBytes: sentBytes,
      durationMs: Math.round(durationMs * 10) / 10,
      remoteAddress: request.remoteAddress,
      ...facts,
      ...(complete ? {} : { cutOff: true }),
    })
  }
}
