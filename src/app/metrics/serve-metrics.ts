import type { Log } from '../../base/log.ts'
import { HTTP_FAILURE_STATUS } from '../../protocols/http/http-failure.ts'
import {
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from '../../protocols/http/server.ts'

/** A scrape is short, and few ask. */
const LIMITS = { connections: 32, headerSizeBytes: 8192, stopWithinMs: 1000 } as const

export type MetricsServerOptions = Pick<HttpServerOptions, 'listen' | 'handle'> & {
  readonly log: Log
}

/** Metrics are answered at an address of their own, in plain HTTP. @throws as startHttpServer */
export function serveMetrics({ listen, handle, log }: MetricsServerOptions): Promise<HttpServer> {
  return startHttpServer({
    listen,
    handle,
    renderFailure: ({ code }) => ({ status: HTTP_FAILURE_STATUS[code], headers: {} }),
    log,
    limits: LIMITS,
  })
}
