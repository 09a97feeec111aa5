import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HttpRequest } from '../protocols/http/request.ts'
import type { HttpResponse } from '../protocols/http/response.ts'

export type Answer = (request: HttpRequest) => Promise<HttpResponse>

/** The same answers, each with a line in the log when it is sent. Queries may hold signatures. */
export function logRequests(answer: Answer, log: Log, clock: Clock): Answer {
  return async (request) => {
    const startedMs = clock.monotonicMs()
    const response = await answer(request)
    return {
      ...response,
      onSent(sent) {
        response.onSent?.(sent)
        log.info('request', {
          requestId: request.id,
          method: request.method,
          path: request.rawPath,
          status: response.status,
          sizeBytes: sent.sizeBytes,
          durationMs: Math.round((clock.monotonicMs() - startedMs) * 10) / 10,
          remoteAddress: request.remoteAddress,
          ...response.logFields,
          ...(sent.complete ? {} : { cutOff: true }),
        })
      },
    }
  }
}
