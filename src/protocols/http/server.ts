// The only HTTP server. Node's own limits and answers that do not suit an object store are
// replaced: no limit on the duration of an upload but on its stalling, no 100 Continue before it is
// deserved, no bare answers, no connection left in the middle of a body.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as SecureNodeServer } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import { type AdmissionCounts, createAdmission } from './admission/admission.ts'
import { type Connections, watchConnections } from './admission/connections.ts'
import { type Exchange, type ExchangeContext, serveExchange } from './exchange.ts'
import type { HttpFailure, HttpFailureCode } from './http-failure.ts'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { createProxyTrust, type Network } from './proxy/proxy-trust.ts'
import type { HttpRequest } from './request.ts'
import type { AnsweredRequest, HttpResponse } from './response.ts'
import { createStallWatch } from './stall-watch.ts'
import { assertUsable, type Certificate, toSecureOptions } from './tls/certificate.ts'
import { createSecureServer } from './tls/secure-server.ts'
import { writeRawResponse } from './write-raw-response.ts'

/** Not imported: an import evaluates every export, and WebSocket loads undici: 30 ms of a start. */
const { createServer } = process.getBuiltinModule('node:http')

/** Where to listen, and what to do with what arrives. */
export type HttpServerOptions = {
  readonly listen: ListenOptions
  /** Answers a request, whose body may be left unread. What it throws goes to `renderFailure`. */
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>
  readonly renderFailure: (failure: HttpFailure) => HttpResponse
  /** Whether a request is answered however much there is to do, as for health checks. */
  readonly isAlwaysAnswered?: (request: HttpRequest) => boolean
  /**
   * Hears once of every request that was understood, when its answer was handed to the system or
   * its client has gone away. Must not throw.
   */
  readonly observe?: (answered: AnsweredRequest) => void
  readonly log: Log
  /** With one, TLS is spoken; without, plain HTTP. */
  readonly certificate?: Certificate | undefined
  /** The proxies whose word on where a request comes from is believed; none when absent. */
  readonly trustedProxies?: readonly Network[]
  readonly limits?: Partial<HttpLimits>
  readonly clock?: Clock
  readonly random?: Random
}

export type ListenOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Other servers of this program listen there too, and the kernel spreads connections. */
  readonly reusePort?: true
}

/** A server that listens. */
export interface HttpServer {
  /** Where it really listens, e.g. `http://127.0.0.1:9000`. */
  readonly url: string
  readonly port: number
  /**
   * New connections get another certificate; those that are open keep theirs.
   * @throws CertificateError, and the old one stays
   */
  replaceCertificate(certificate: Certificate): void
  /** What it has to do at this moment. */
  load(): Promise<ServerLoad>
  /** How full its limits are, and how often each has refused. */
  counts(): ServerCounts
  /**
   * Refuses what still comes, then takes no more connections, lets running requests finish within
   * `stopWithinMs`, cuts the rest.
   */
  stop(): Promise<void>
}

export type ServerLoad = {
  readonly connections: number
  /** Since the start. */
  readonly connectionsRefused: number
  readonly requestsUnderWay: number
  /** Those that wait for others to end. */
  readonly requestsWaiting: number
}

export type ServerCounts = AdmissionCounts & {
  /** Connections that were closed at once, since there were too many. */
  readonly connectionsRefused: number
}

/**
 * The server listens.
 * @throws the system's error, e.g. with code `EADDRINUSE` or `EACCES`; CertificateError
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits }
  const clock = options.clock ?? systemClock
  const uploads = createStallWatch(
    {
      idleMs: limits.bodyIdleMs,
      minBytesPerSecond: limits.bodyMinBytesPerSecond,
      windowMs: limits.bodyRateWindowMs,
    },
    clock,
  )
  const downloads = createStallWatch(
    { idleMs: limits.answerIdleMs, minBytesPerSecond: 0, windowMs: limits.answerIdleMs },
    clock,
  )
  const admission = createAdmission(limits)
  let isStopping = false
  let isClosing = false
  const context: ExchangeContext = {
    handle: options.handle,
    admission,
    isAlwaysAnswered: options.isAlwaysAnswered ?? (() => false),
    renderFailure: options.renderFailure,
    observe: options.observe ?? (() => {}),
    log: options.log,
    clock,
    random: options.random ?? systemRandom,
    limits,
    uploads,
    inboxes: { usedBytes: 0, maxBytes: limits.inboxesSizeBytes },
    downloads,
    isStopping: () => isStopping,
    findClient: createProxyTrust(options.trustedProxies ?? []),
  }
  if (options.certificate !== undefined) assertUsable(options.certificate)
  const { server, running, connections, ...opened } = createNodeServer(context, options.certificate)
  const port = await listen(server, options.listen)
  const sweeping = setInterval(() => {
    uploads.sweep()
    downloads.sweep()
    if (isClosing) server.closeIdleConnections()
  }, limits.sweepMs).unref()
  const { host } = options.listen
  return {
    url: `${isTls(server) ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    replaceCertificate(certificate) {
      assertUsable(certificate)
      if (isTls(server)) server.setSecureContext(toSecureOptions(certificate))
    },
    load: async () => ({
      connections: await countConnections(server),
      connectionsRefused: connections.countRefused(),
      requestsUnderWay: running.size,
      requestsWaiting: admission.counts().requests.waiting,
    }),
    counts: () => ({ ...admission.counts(), connectionsRefused: connections.countRefused() }),
    async stop() {
      isStopping = true
      await untilQuiet(opened, limits, clock)
      isClosing = true
      opened.closeUnready()
      connections.closeSilent()
      await close(server, limits.stopWithinMs)
      clearInterval(sweeping)
    },
  }
}

/** Some clients go on asking for as long as they are answered. */
const QUIET_PERIODS_MAX = 10

/** A client whose last answer is still on its way to it does not know yet, and may ask again. */
async function untilQuiet(
  { lastServedMs }: Pick<ServingServer, 'lastServedMs'>,
  { stopQuietMs }: HttpLimits,
  clock: Clock,
): Promise<void> {
  for (let period = 0; period < QUIET_PERIODS_MAX; period += 1) {
    const quietMs = lastServedMs() + stopQuietMs - clock.monotonicMs()
    if (quietMs <= 0) return
    await sleep(quietMs)
  }
}

type NodeServer = Server | SecureNodeServer

type OpenedServer = { readonly server: NodeServer; readonly closeUnready: () => void }

type ServingServer = OpenedServer & {
  readonly running: ReadonlySet<Exchange>
  readonly connections: Connections
  /** When a request was answered last. */
  readonly lastServedMs: () => number
}

function isTls(server: NodeServer): server is SecureNodeServer {
  return server instanceof SecureNodeServer
}

function createNodeServer(
  context: ExchangeContext,
  certificate: Certificate | undefined,
): ServingServer {
  const { limits, log, clock } = context
  const running = new Set<Exchange>()
  let lastServedMs = Number.NEGATIVE_INFINITY
  const serve = async (exchange: Exchange): Promise<void> => {
    // A pipelined request waits until the answer before it is out: Node would not tell it that the
    // client has gone away.
    if (exchange.outgoing.socket === null) {
      exchange.outgoing.once('socket', () => void serve(exchange))
      return
    }
    running.add(exchange)
    connections.noteRequest(exchange.incoming.socket)
    await serveExchange(exchange, context)
    running.delete(exchange)
    lastServedMs = clock.monotonicMs()
  }
  const refuse = (socket: Socket, code: HttpFailureCode): void => {
    const failure = { code, requestId: context.random.hex(8).toUpperCase() }
    log.info('request refused', failure)
    try {
      writeRawResponse(socket, context.renderFailure(failure))
    } catch (cause) {
      log.error('refusal failed', { ...failure, error: cause })
      socket.destroy()
    }
  }
  const opened = openServer(limits, {
    certificate,
    refusePlain: (socket) => refuse(socket, 'TlsExpected'),
  })
  const { server } = opened
  const connections = watchConnections(server, {
    event: isTls(server) ? 'secureConnection' : 'connection',
    limit: limits.connections,
    log,
    clock,
  })
  const on = (event: string, expects: Exchange['expects']): void => {
    server.on(event, (incoming: IncomingMessage, outgoing: ServerResponse) => {
      void serve({ incoming, outgoing, expects })
    })
  }
  on('request', 'nothing')
  on('checkContinue', 'continue')
  on('checkExpectation', 'nothing')
  const refused = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // What else comes on the connection is dropped for a while, or the answer is lost in a reset.
    if (refused.has(socket)) return
    const code = toFailureCode(error)
    const isBusy = [...running].some(({ incoming }) => incoming.socket === socket)
    if (code === undefined || !socket.writable || isBusy) return void socket.destroy()
    refused.add(socket)
    refuse(socket, code)
    setTimeout(() => socket.destroy(), limits.lingerMs).unref()
  })
  return { ...opened, running, connections, lastServedMs: () => lastServedMs }
}

type Transport = {
  readonly certificate: Certificate | undefined
  readonly refusePlain: (socket: Socket) => void
}

function openServer(limits: HttpLimits, { certificate, refusePlain }: Transport): OpenedServer {
  const settings = {
    noDelay: true,
    keepAlive: true,
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.sweepMs,
    requestTimeout: 0,
    maxHeaderSize: limits.headerSizeBytes,
    requireHostHeader: false,
  }
  const opened: OpenedServer =
    certificate === undefined
      ? { server: createServer(settings), closeUnready: () => {} }
      : createSecureServer({
          settings,
          certificate,
          handshakeTimeoutMs: limits.headersTimeoutMs,
          refusePlain,
        })
  // Node drops header lines beyond 2000 without a word; their size is limited instead.
  opened.server.maxHeadersCount = 0
  opened.server.maxConnections = limits.connections
  return opened
}

function toFailureCode({ code = '' }: NodeJS.ErrnoException): HttpFailureCode | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HeadersTooLarge'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'HeadersTimeout'
  return code.startsWith('HPE_') ? 'MalformedRequest' : undefined
}

function listen(server: NodeServer, options: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...options }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : options.port)
    })
  })
}

function countConnections(server: NodeServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}

async function close(server: NodeServer, withinMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), withinMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  clearTimeout(cut)
}
