// The server of one thread, and what a server is to the rest of the program.
import type { Log } from '../base/log.ts'
import { type ServerLoad, startHttpServer } from '../protocols/http/server.ts'
import type { Certificate } from '../protocols/http/tls/certificate.ts'
import type { Protocols } from './compose-protocols.ts'
import type { Configuration } from './settings/settings.ts'
import type { Monitoring } from './metrics/monitoring.ts'

/** Requests are answered. */
export type Serving = {
  /** Where. */
  readonly url: string
  readonly port: number
  load(): Promise<ServerLoad>
  replaceCertificate(certificate: Certificate): Promise<void>
  /** Takes no more requests, and lets those under way finish within the limit. */
  stop(): Promise<void>
}

export type ServingOptions = {
  readonly configuration: Configuration
  readonly listen: Parameters<typeof startHttpServer>[0]['listen']
  readonly certificate: Certificate | undefined
  readonly protocols: Protocols
  readonly monitoring: Monitoring
  readonly log: Log
}

/** This thread serves. @throws as `startHttpServer` */
export async function serve(options: ServingOptions): Promise<Serving> {
  const { configuration, listen, certificate, protocols, monitoring, log } = options
  const server = await startHttpServer({
    listen,
    certificate,
    trustedProxies: configuration.trustedProxies,
    log,
    handle: protocols.answer,
    observe: monitoring.observe,
    renderFailure: protocols.renderFailure,
    isAlwaysAnswered: protocols.isAlwaysAnswered,
    limits: {
      connections: configuration.connectionsMax,
      requests: configuration.requestsMax,
      requestsOfCaller: configuration.requestsPerCallerMax,
      stopWithinMs: configuration.stopTimeoutSeconds * 1000,
    },
  })
  const { url, port } = server
  return {
    url,
    port,
    load: () => server.load(),
    async replaceCertificate(current) {
      server.replaceCertificate(current)
    },
    async stop() {
      protocols.endStreams()
      await server.stop()
    },
  }
}
