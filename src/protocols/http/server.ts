// The only HTTP server. Node's own limits and answers that do not suit an object store are
// replaced: no limit on the duration of an upload but on its stalling, no 100 Continue before it is
// deserved, no bare answers, no connection left in the middle of a body.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type Random, systemRandom } from '../../base/random.ts'
import { type Exchange, type ExchangeContext, serveExchange } from './exchange.ts'
import type { HttpFailure, HttpFailureCode } from './http-failure.ts'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'
import { createStallWatch } from './stall-watch.ts'
import { writeRawResponse } from './write-raw-response.ts'

/** Where to listen, and what to do with what arrives. */
export type HttpServerOptions = {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Answers a request, whose body may be left unread. What it throws goes to `renderFailure`. */
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>
  readonly renderFailure: (failure: HttpFailure) => HttpResponse
  readonly log: Log
  readonly limits?: Partial<HttpLimits>
  readonly clock?: Clock
  readonly random?: Random
}

/** A server that listens. */
export interface HttpServer {
  /** Where it really listens, e.g. `http://127.0.0.1:9000`. */
  readonly url: string
  readonly port: number
  /**
   * Takes no more connections, lets running requests finish within `stopWithinMs`, cuts the rest.
   */
  stop(): Promise<void>
}

/**
 * The server listens.
 * @throws the system's error, e.g. with code `EADDRINUSE` or `EACCES`
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
  let isStopping = false
  const context: ExchangeContext = {
    handle: options.handle,
    renderFailure: options.renderFailure,
    log: options.log,
    random: options.random ?? systemRandom,
    limits,
    uploads,
    downloads,
    isStopping: () => isStopping,
  }
  const server = createNodeServer(context)
  const port = await listen(server, options.listen)
  const sweeping = setInterval(() => {
    uploads.sweep()
    downloads.sweep()
    if (isStopping) server.closeIdleConnections()
  }, limits.sweepMs).unref()
  const { host } = options.listen
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    async stop() {
      isStopping = true
      await close(server, limits.stopWithinMs)
      clearInterval(sweeping)
    },
  }
}

function createNodeServer(context: ExchangeContext): Server {
  const { limits, log } = context
  const running = new Set<Exchange>()
  const serve = async (exchange: Exchange): Promise<void> => {
    // A pipelined request waits until the answer before it is out: Node would not tell it that the
    // client has gone away.
    if (exchange.outgoing.socket === null) {
      exchange.outgoing.once('socket', () => void serve(exchange))
      return
    }
    running.add(exchange)
    await serveExchange(exchange, context)
    running.delete(exchange)
  }
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveTimeout: limits.keepAliveMs,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.sweepMs,
    requestTimeout: 0,
    maxHeaderSize: limits.headerSizeBytes,
    requireHostHeader: false,
  })
  // Node drops header lines beyond 2000 without a word; their size is limited instead.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve({ incoming, outgoing, expects: 'nothing' })
  })
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve({ incoming, outgoing, expects: 'continue' })
  })
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve({ incoming, outgoing, expects: 'nothing' })
  })
  server.on('drop', () => log.warn('connection refused', { limit: limits.connections }))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const code = toFailureCode(error)
    const isBusy = [...running].some(({ incoming }) => incoming.socket === socket)
    if (code === undefined || !socket.writable || isBusy) return void socket.destroy()
    refuse(socket, { code, requestId: context.random.hex(8).toUpperCase() })
  })
  const refuse = (socket: Socket, failure: HttpFailure): void => {
    log.info('request refused', failure)
    try {
      writeRawResponse(socket, context.renderFailure(failure))
    } catch (cause) {
      log.error('refusal failed', { ...failure, error: cause })
      socket.destroy()
    }
  }
  return server
}

function toFailureCode({ code = '' }: NodeJS.ErrnoException): HttpFailureCode | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HeadersTooLarge'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'HeadersTimeout'
  return code.startsWith('HPE_') ? 'MalformedRequest' : undefined
}

function listen(server: Server, { host, port }: HttpServerOptions['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function close(server: Server, withinMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), withinMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  clearTimeout(cut)
}
