/** What Prometheus asks for. With a token, whoever asks must have it. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { METRICS_CONTENT_TYPE } from '../../base/metrics/render-metrics.ts'
import { findHeader, type HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'

/** Where metrics are on the address that S3 has too. */
export const METRICS_PATH = '/coffer/metrics'
/** Where Prometheus looks when nobody tells it; for an address that has nothing else. */
const USUAL_PATH = '/metrics'

export type MetricsAnswerOptions = {
  /** Everything that is measured, as text. Never called again before it has resolved. */
  readonly scrape: () => Promise<string>
  readonly token: string | undefined
}

/** Answers every request; 404 for what is no path of metrics. */
export function createMetricsAnswer(
  options: MetricsAnswerOptions,
): (request: HttpRequest) => Promise<HttpResponse> {
  let scraping: Promise<string> | undefined
  const scrape = (): Promise<string> => {
    scraping ??= options.scrape().finally(() => {
      scraping = undefined
    })
    return scraping
  }
  return async (request) => {
    const { rawPath, method } = request
    if (rawPath !== METRICS_PATH && rawPath !== USUAL_PATH) return answer(404)
    if (method !== 'GET' && method !== 'HEAD') return answer(405, { allow: 'GET, HEAD' })
    if (!hasToken(request, options.token)) return answer(401, { 'www-authenticate': 'Bearer' })
    return { ...answer(200, { 'content-type': METRICS_CONTENT_TYPE }), body: await scrape() }
  }
}

function answer(status: number, headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, headers, logFields: { operation: 'Metrics' } }
}

function hasToken({ headers }: HttpRequest, token: string | undefined): boolean {
  if (token === undefined) return true
  const given = findHeader(headers, 'authorization') ?? ''
  return timingSafeEqual(digestOf(given), digestOf(`Bearer ${token}`))
}

/** Of one length, so that a comparison tells nothing about how long the token is. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
