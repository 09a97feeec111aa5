/** The health checks of MinIO that probes and load balancers ask without signing. */
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'

export const HEALTH_PREFIX = '/minio/health/'

/** All are true for as long as anything answers here: this cluster is one server. */
const CHECKS: ReadonlySet<string> = new Set(['live', 'ready', 'cluster', 'cluster/read'])

/** 200 for a check that there is, 404 for any other. */
export async function answerHealth(request: HttpRequest): Promise<HttpResponse> {
  const check = request.rawPath.slice(HEALTH_PREFIX.length)
  const isAsked = request.method === 'GET' || request.method === 'HEAD'
  const status = isAsked && CHECKS.has(check) ? 200 : 404
  return { status, headers: {}, logFields: { operation: 'Health' } }
}
