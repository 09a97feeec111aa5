/** The health checks of MinIO that probes and load balancers ask without signing. */
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'

export const HEALTH_PREFIX = '/minio/health/'

/** What each check asks; this cluster is one server. */
const CHECKS: ReadonlyMap<string, 'answers' | 'takes writes'> = new Map([
  ['live', 'answers'],
  ['cluster/read', 'answers'],
  ['ready', 'takes writes'],
  ['cluster', 'takes writes'],
])

export type HealthOptions = {
  /** False from a failed write to the restart that it takes, and while the server stops. */
  readonly isReady: () => boolean | Promise<boolean>
}

/** 200 for a check that is passed, 503 for one that is not, 404 for what is none. */
export function createHealth({
  isReady,
}: HealthOptions): (request: HttpRequest) => Promise<HttpResponse> {
  return async ({ method, rawPath }) => {
    const check = CHECKS.get(rawPath.slice(HEALTH_PREFIX.length))
    const isAsked = check !== undefined && (method === 'GET' || method === 'HEAD')
    const isPassed = check === 'answers' || (await isReady())
    return {
      status: isAsked ? (isPassed ? 200 : 503) : 404,
      headers: {},
      logFields: { operation: 'Health' },
    }
  }
}
