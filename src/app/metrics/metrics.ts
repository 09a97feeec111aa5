// The figures of one thread. Every thread that serves makes its own; a scrape adds them up.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CounterFamily, GaugeFamily, Meter } from '../../base/metrics/meter.ts'
import { createRegistry, type ThreadMetrics } from '../../base/metrics/registry.ts'
import type { AnsweredRequest } from '../../protocols/http/response.ts'
import type { HttpServer } from '../../protocols/http/server.ts'
import { measureRequests } from './measure-requests.ts'
import { watchEventLoop } from './watch-event-loop.ts'

const CONNECTIONS: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_connections',
  help: 'Open connections of clients',
}

const CONNECTIONS_REFUSED: CounterFamily = {
  kind: 'counter',
  name: 'coffer_connections_refused_total',
  help: 'Connections that were closed at once, since there were too many',
}

const UNDER_WAY: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_requests_under_way',
  help: 'Requests that are not answered yet',
}

const WAITING: GaugeFamily = {
  kind: 'gauge',
  name: 'coffer_requests_waiting',
  help: 'Requests that wait for others to end, since too many are under way',
}

export type Metrics = {
  /** Where other parts of the thread declare what they measure. */
  readonly meter: Meter
  readonly observe: (answered: AnsweredRequest) => void
  /** How much a server has to do is part of the figures. */
  watchServer(server: Pick<HttpServer, 'load'>): void
  /** The figures of this thread as they are now, as values that other threads can be sent. */
  collect(): Promise<ThreadMetrics>
  stop(): void
}

export type MetricsOptions = {
  /** What tells it from the other threads; few, and the same after a restart. */
  readonly thread: string
  readonly clock: Clock
  readonly log: Log
}

/** Everything that one thread does is measured. */
export function createMetrics({ thread, clock, log }: MetricsOptions): Metrics {
  const registry = createRegistry((error) => log.debug('figures not read', { error }))
  const observe = measureRequests(registry)
  const stopWatching = watchEventLoop(registry, thread, clock)
  return {
    meter: registry,
    observe,
    watchServer(server) {
      registry.read([CONNECTIONS, CONNECTIONS_REFUSED, UNDER_WAY, WAITING], async () => {
        const load = await server.load()
        return [
          { family: CONNECTIONS, value: load.connections },
          { family: CONNECTIONS_REFUSED, value: load.connectionsRefused },
          { family: UNDER_WAY, value: load.requestsUnderWay },
          { family: WAITING, value: load.requestsWaiting },
        ]
      })
    },
    collect: () => registry.collect(),
    stop: stopWatching,
  }
}
