/** Starts and stops everything that `coffer serve` is. */
import { systemClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import { systemRandom } from '../base/random.ts'
import { startHttpServer } from '../protocols/http/server.ts'
import type { Certificate } from '../protocols/http/tls/certificate.ts'
import { removeAddress, writeAddress } from './address-file.ts'
import { compose, type Composition } from './compose.ts'
import type { Configuration } from './config.ts'
import { startFeedTrim } from './feed-trim.ts'
import { type Monitoring, openMonitoring } from './metrics/monitoring.ts'
import type { FoundRootKeys } from './root-keys.ts'
import { renderTerminalLine } from './terminal-line.ts'
import { openCertificate, type ServerCertificate } from './tls/server-certificate.ts'
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
  const log = createLog({
    level: configuration.logLevel,
    ...(process.stderr.isTTY && { write: writeToTerminal }),
  })
  await using opened = new AsyncDisposableStack()
  const monitoring = await openMonitoring(configuration, { clock: systemClock, log })
  opened.defer(() => monitoring.close())
  const composition = await compose(configuration, {
    clock: systemClock,
    random: systemRandom,
    log,
    meter: monitoring.meter,
    scrape: monitoring.scrape,
  })
  opened.defer(() => composition.close())
  const app = await startServing(composition, configuration, { log, monitoring })
  opened.move()
  return app
}

function writeToTerminal(line: string): void {
  process.stderr.write(renderTerminalLine(line))
}

type Watching = { readonly log: Log; readonly monitoring: Monitoring }

async function startServing(
  composition: Composition,
  configuration: Configuration,
  { log, monitoring }: Watching,
): Promise<RunningApp> {
  const { folder, stopTimeoutSeconds, feedMinimumAgeHours, feedEntriesMax } = configuration
  const certificate = await openCertificate(configuration, {
    clock: systemClock,
    random: systemRandom,
  })
  const server = await startHttpServer({
    listen: configuration.listen,
    certificate,
    trustedProxies: configuration.trustedProxies,
    log,
    handle: composition.answer,
    observe: monitoring.observe,
    renderFailure: composition.renderFailure,
    isAlwaysAnswered: composition.isAlwaysAnswered,
    limits: {
      connections: configuration.connectionsMax,
      requests: configuration.requestsMax,
      requestsOfCaller: configuration.requestsPerCallerMax,
      stopWithinMs: stopTimeoutSeconds * 1000,
    },
  })
  const { url } = server
  const announce = (current: Certificate | undefined): Promise<void> =>
    writeAddress(folder, current === undefined ? { url } : { url, ...current })
  const { changes, metrics } = composition
  await Promise.all([announce(certificate), monitoring.start({ server, changes, metrics })]).catch(
    async (error: unknown) => {
      await server.stop()
      throw error
    },
  )
  const stopWatching = watchCertificate(certificate, {
    log,
    replace: async (current) => {
      server.replaceCertificate(current)
      await announce(current)
    },
  })
  const stopTrimming =
    composition.changes === undefined
      ? () => {}
      : startFeedTrim(composition.changes, {
          minimumAgeHours: feedMinimumAgeHours,
          entriesMax: feedEntriesMax,
          readers: [],
          clock: systemClock,
          log,
        })
  log.info('started', { url, folder, store: configuration.store })
  return {
    url,
    rootKeys: composition.rootKeys,
    certificate,
    async stop() {
      stopWatching()
      stopTrimming()
      composition.endStreams()
      await server.stop()
      // Before the store gives up its lock: after that the file may be another server's.
      await removeAddress(folder)
      await monitoring.close()
      await composition.close()
      log.info('stopped')
    },
  }
}
