/** What one thread says of itself while it serves: figures, and a line for every request. */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Meter, silentMeter } from '../../base/metrics/meter.ts'
import type { ThreadMetrics } from '../../base/metrics/registry.ts'
import { renderMetrics } from '../../base/metrics/render-metrics.ts'
import type { AnsweredRequest } from '../../protocols/http/response.ts'
import type { HttpServer, HttpServerOptions } from '../../protocols/http/server.ts'
import type { ChangeFeed } from '../../storage/change-feed.ts'
import { openAccessLog } from '../access-log/open-access-log.ts'
import type { Configuration } from '../settings/settings.ts'
import { createRequestLog } from '../request-log.ts'
import { readVersion } from '../version.ts'
import { createMetrics } from './metrics.ts'
import { readFeed } from './read-feed.ts'
import { readProcess } from './read-process.ts'
import { serveMetrics } from './serve-metrics.ts'

export type Monitoring = {
  readonly meter: Meter
  readonly observe: (answered: AnsweredRequest) => void
  /** The figures of this thread as values, for the one that is asked for all of them. */
  collect(): Promise<ThreadMetrics>
  /** The figures of all threads, as Prometheus reads them. */
  scrape(): Promise<string>
  /** The figures tell of these too, and are served where they have an address of their own. */
  start(watched: Watched): Promise<void>
  close(): Promise<void>
}

export type Watched = {
  /** Absent in a thread that does not serve. */
  readonly server?: Pick<HttpServer, 'load'>
  readonly changes: ChangeFeed | undefined
  /** What answers at that address. */
  readonly metrics?: HttpServerOptions['handle'] | undefined
}

export type MonitoringOptions = {
  readonly clock: Clock
  readonly log: Log
  /** What tells this thread from others; the `main` one also tells of the process. */
  readonly thread?: string
  /** The figures of the other threads. */
  readonly collectOthers?: () => Promise<readonly ThreadMetrics[]>
}

export async function openMonitoring(
  configuration: Configuration,
  options: MonitoringOptions,
): Promise<Monitoring> {
  const { clock, log, thread = MAIN, collectOthers = async () => [] } = options
  const { accessLog: place, metrics: metricsPlace, feedEntriesMax: entriesMax } = configuration
  const metrics = metricsPlace === 'off' ? undefined : createMetrics({ thread, clock, log })
  const meter = metrics?.meter ?? silentMeter
  if (thread === MAIN) {
    readProcess(meter, { version: readVersion(), startedAt: new Date(clock.now()) })
  }
  const accessLog = place === 'off' ? undefined : await openAccessLog({ place, clock, log, meter })
  const note = accessLog?.observe ?? createRequestLog(log)
  let ownServer: HttpServer | undefined
  const collect = async (): Promise<ThreadMetrics> => metrics?.collect() ?? []
  return {
    meter,
    observe(answered) {
      metrics?.observe(answered)
      note(answered)
    },
    collect,
    scrape: async () => renderMetrics([await collect(), ...(await collectOthers())]),
    async start({ server, changes: feed, metrics: handle }) {
      if (server !== undefined) metrics?.watchServer(server)
      if (feed !== undefined) readFeed(meter, { feed, entriesMax, readers: new Map(), clock })
      if (thread !== MAIN || typeof metricsPlace === 'string' || handle === undefined) return
      ownServer = await serveMetrics({ listen: metricsPlace, handle, log })
      log.info('metrics', { url: `${ownServer.url}/metrics` })
    },
    async close() {
      await ownServer?.stop()
      metrics?.stop()
      await accessLog?.close()
    },
  }
}

const MAIN = 'main'
