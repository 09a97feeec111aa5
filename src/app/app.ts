/** Starts and stops everything that `coffer serve` is. */
import { systemClock as clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import type { Certificate } from '../protocols/http/tls/certificate.ts'
import { removeAddress, writeAddress } from './address-file.ts'
import { openFoundation, type OpenFoundation } from './compose.ts'
import type { Program } from './compose-protocols.ts'
import type { Configuration } from './settings/settings.ts'
import { startFeedTrim } from './feed-trim.ts'
import { type Monitoring, openMonitoring } from './metrics/monitoring.ts'
import { openLog } from './open-log.ts'
import type { FoundRootKeys } from './root-keys.ts'
import { serve, type Serving } from './serving.ts'
import { beginServingThreads, type ServingThreads } from './threads/serving-threads.ts'
import { openCertificate, type ServerCertificate } from './tls/server-certificate.ts'
import { readVersion } from './version.ts'
import { watchCertificate } from './tls/watch-certificate.ts'

export type RunningApp = {
  /** Where it answers. */
  readonly url: string
  readonly rootKeys: FoundRootKeys
  readonly certificate: ServerCertificate | undefined
  /** Takes no more requests, lets those under way finish within the limit, closes the store. */
  stop(): Promise<void>
}

/** The folder is open and requests are answered; or nothing is open, and the reason is thrown. */
export async function startApp(configuration: Configuration): Promise<RunningApp> {
  const log = openLog(configuration, { isTerminal: process.stderr.isTTY })
  await using opened = new AsyncDisposableStack()
  const threads = isAlone(configuration) ? undefined : beginServingThreads(configuration)
  opened.defer(() => threads?.close())
  const monitoring = await openMonitoring(configuration, {
    clock,
    log,
    ...(threads && { collectOthers: () => threads.collect() }),
  })
  opened.defer(() => monitoring.close())
  const foundation = await openFoundation(configuration, {
    clock,
    random: systemRandom,
    log,
    meter: monitoring.meter,
    scrape: () => monitoring.scrape(),
    ...(threads && { listeners: threads.listeners }),
  })
  opened.defer(() => foundation.close())
  const app = await startServing({ configuration, foundation, monitoring, threads, log })
  opened.move()
  return app
}

/** Whether this thread serves. A store in memory is nowhere else. */
function isAlone({ threads, store }: Configuration): boolean {
  return threads === 1 || store === 'memory'
}

type Opened = {
  readonly configuration: Configuration
  readonly foundation: OpenFoundation
  readonly monitoring: Monitoring
  /** Those that serve when this one does not. */
  readonly threads: ServingThreads | undefined
  readonly log: Log
}

async function startServing(opened: Opened): Promise<RunningApp> {
  const { configuration, foundation, monitoring, threads, log } = opened
  const { folder, feedMinimumAgeHours, feedEntriesMax } = configuration
  const { changes } = foundation.store
  const certificate = await openCertificate(configuration, { clock, random: systemRandom })
  const serving = await openServing(opened, certificate)
  const { url } = serving
  const announce = (current: Certificate | undefined): Promise<void> =>
    writeAddress(folder, current === undefined ? { url } : { url, ...current })
  await announce(certificate).catch(async (error: unknown) => {
    await serving.stop()
    throw error
  })
  const stopWatching = watchCertificate(certificate, {
    log,
    replace: async (current) => {
      await serving.replaceCertificate(current)
      await announce(current)
    },
  })
  const stopTrimming =
    changes === undefined
      ? () => {}
      : startFeedTrim(changes, {
          minimumAgeHours: feedMinimumAgeHours,
          entriesMax: feedEntriesMax,
          readers: [],
          clock,
          log,
        })
  log.info('started', { url, folder, store: configuration.store })
  return {
    url,
    rootKeys: foundation.rootKeys,
    certificate,
    async stop() {
      stopWatching()
      stopTrimming()
      await serving.stop()
      // Before the store gives up its lock: after that the file may be another server's.
      await removeAddress(folder)
      await monitoring.close()
      await foundation.close()
      await threads?.close()
      log.info('stopped')
    },
  }
}

/** Requests are answered: by the threads that are there for it, or by this one. */
async function openServing(opened: Opened, certificate: Certificate | undefined): Promise<Serving> {
  const { configuration, foundation, monitoring, threads } = opened
  const { changes } = foundation.store
  const { metrics } = foundation
  const program = {
    version: readVersion(),
    startedAt: new Date(clock.now()),
    threads: isAlone(configuration) ? 1 : configuration.threads,
  }
  const serving =
    threads === undefined
      ? await serveAlone(opened, { certificate, program })
      : await threads.start(foundation, { listen: configuration.listen, certificate, program })
  try {
    await monitoring.start({ ...(threads === undefined && { server: serving }), changes, metrics })
    return serving
  } catch (error) {
    await serving.stop()
    throw error
  }
}

type Alone = { readonly certificate: Certificate | undefined; readonly program: Program }

/** This thread serves too. Where others do, the code for it takes no room in this one. */
async function serveAlone(
  { configuration, foundation, monitoring, log }: Opened,
  { certificate, program }: Alone,
): Promise<Serving> {
  const { composeProtocols } = await import('./compose-protocols.ts')
  const { listen } = configuration
  const protocols = composeProtocols(foundation, configuration, { clock, log, program })
  return serve({ configuration, listen, certificate, protocols, monitoring, log })
}
