// One request and its answer: from Node's objects to ours and back.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Admission, Visit } from './admission/admission.ts'
import { drainBeforeLast, drainRequest } from './drain-request.ts'
import type { HttpFailure, HttpFailureCode } from './http-failure.ts'
import type { HttpLimits } from './http-limits.ts'
import { type Peer, plainAddress, type ProxyTrust } from './proxy/proxy-trust.ts'
import { parseQuery } from './query.ts'
import { EMPTY_BODY, openRequestBody, type RequestBodyOptions } from './request-body.ts'
import { findHeader, type HttpRequest, parseTarget } from './request.ts'
import type { AnsweredRequest, HttpResponse } from './response.ts'
import type { StallWatch } from './stall-watch.ts'
import { writeResponse } from './write-response.ts'

/** What all exchanges of a server have in common. */
export type ExchangeContext = {
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>
  readonly admission: Admission
  readonly isAlwaysAnswered: (request: HttpRequest) => boolean
  readonly renderFailure: (failure: HttpFailure) => HttpResponse
  readonly observe: (answered: AnsweredRequest) => void
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly limits: HttpLimits
  readonly uploads: StallWatch
  readonly inboxes: RequestBodyOptions['inboxes']
  readonly downloads: StallWatch
  readonly isStopping: () => boolean
  readonly findClient: ProxyTrust
}

/** One request of Node's, and what its answer is written to. */
export type Exchange = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** What the client's Expect header asks for; what nobody knows is ignored, as S3 does. */
  readonly expects: 'nothing' | 'continue'
}

/** The exchange is over: answered, or its connection is destroyed. Never rejects. */
export async function serveExchange(exchange: Exchange, context: ExchangeContext): Promise<void> {
  const { incoming, outgoing } = exchange
  const contentLength = readContentLength(incoming)
  let awaitsContinue = exchange.expects !== 'nothing' && contentLength !== 0
  let bodyWasOpened = false
  const onFirstRead = (): void => {
    bodyWasOpened = true
    if (awaitsContinue) outgoing.writeContinue()
    awaitsContinue = false
  }
  const progress = { receivedBytes: 0, sentBytes: 0 }
  const visit = context.admission.open()
  const source = { context, contentLength, onFirstRead, progress, visit }
  const { request, abort } = toRequest(incoming, source)
  const startedMs = context.clock.monotonicMs()
  let response: HttpResponse | undefined
  let isClosed = false
  const report = (): void => {
    if (response === undefined) return
    const durationMs = context.clock.monotonicMs() - startedMs
    const complete = outgoing.writableFinished
    context.observe({ request, response, ...progress, complete, durationMs })
  }
  outgoing.once('close', () => {
    isClosed = true
    if (!outgoing.writableFinished) abort()
    else if (bodyWasOpened || !incoming.complete) drainRequest(incoming, context.limits)
  })
  const send = (answer: HttpResponse): Promise<void> => {
    response = answer
    // A client that was never told to continue may or may not send its body: only a new
    // connection has a known beginning.
    const closing = awaitsContinue || context.isStopping()
    // Of a body that nobody ever asked for, Node would drop the rest itself and without limit.
    if (!incoming.complete && !bodyWasOpened) incoming.read(0)
    const { admission, downloads: stalls } = context
    const common = { method: request.method, stalls, unsent: admission.unsent }
    return writeResponse(outgoing, answer, { ...common, closing, progress })
  }
  const renderCause = (cause: unknown): HttpResponse => {
    const failure = context.renderFailure({ code: 'InternalError', requestId: request.id, cause })
    return { ...failure, logFields: { ...response?.logFields, ...failure.logFields } }
  }
  const fail = (cause: unknown): HttpResponse => {
    if (!outgoing.destroyed) {
      context.log.error('request failed', { requestId: request.id, error: cause })
    }
    return renderCause(cause)
  }
  try {
    const answer = await answerTo(request, { exchange, context, visit }).catch(fail)
    await send(answer).catch((cause: unknown) => {
      if (outgoing.headersSent) throw cause
      return send(fail(cause))
    })
  } catch (error) {
    if (!request.signal.aborted) {
      context.log.error('answer cut off', { requestId: request.id, error })
      if (response) response = { ...response, logFields: renderCause(error).logFields }
    }
    outgoing.destroy()
  }
  // Whoever has gone away may have left work until now; whoever is slow has not got his answer yet.
  const end = (): void => {
    report()
    visit.leave()
  }
  if (isClosed) end()
  else outgoing.once('close', end)
}

type AnswerSource = {
  readonly exchange: Exchange
  readonly context: ExchangeContext
  readonly visit: Visit
}

async function answerTo(
  request: HttpRequest,
  { exchange, context, visit }: AnswerSource,
): Promise<HttpResponse> {
  const refusal = findRefusal(exchange, request) ?? (context.isStopping() && 'ServerStopping')
  if (!refusal) {
    const entering = context.isAlwaysAnswered(request) || visit.enter()
    const isIn = entering instanceof Promise ? await entering : entering
    if (isIn) return context.handle(request)
  }
  const isLast = refusal === 'ServerStopping' && exchange.expects === 'nothing'
  if (isLast) await drainBeforeLast(exchange.incoming, context.limits)
  return context.renderFailure({ code: refusal || 'ServerBusy', requestId: request.id })
}

/** @see RFC 9112 §3.2 */
function findRefusal(
  { incoming }: Exchange,
  { headers }: HttpRequest,
): HttpFailureCode | undefined {
  const hosts = headers['host']?.length ?? 0
  const isHostNeeded = incoming.httpVersionMajor === 1 && incoming.httpVersionMinor > 0
  return hosts > 1 || (hosts === 0 && isHostNeeded) ? 'MissingHost' : undefined
}

type RequestSource = {
  readonly context: ExchangeContext
  readonly contentLength: number | undefined
  readonly onFirstRead: () => void
  readonly progress: { receivedBytes: number }
  readonly visit: Visit
}

function toRequest(
  incoming: IncomingMessage,
  { context, contentLength, onFirstRead, progress, visit }: RequestSource,
): { readonly request: HttpRequest; readonly abort: () => void } {
  const { rawPath, rawQuery, authority } = parseTarget(incoming.url ?? '/')
  const headers = incoming.headersDistinct
  const client = context.findClient(peerOf(incoming), headers)
  let controller: AbortController | undefined
  let isGone = false
  const abort = (): void => {
    isGone = true
    controller?.abort(new Error('The client has gone away.'))
  }
  const request: HttpRequest = {
    id: context.random.hex(8).toUpperCase(),
    method: incoming.method ?? 'GET',
    rawPath,
    rawQuery,
    query: parseQuery(rawQuery),
    headers,
    host: (authority ?? headers['host']?.[0] ?? '').toLowerCase(),
    contentLength,
    body:
      contentLength === 0
        ? EMPTY_BODY
        : openRequestBody(incoming, {
            stalls: context.uploads,
            inboxes: context.inboxes,
            onFirstRead,
            progress,
          }),
    remoteAddress: client.remoteAddress,
    isSecure: client.isSecure,
    ...(client.tlsVersion !== undefined && { tlsVersion: client.tlsVersion }),
    visit,
    // Most requests never ask, and an AbortController costs more than the rest of this object.
    get signal() {
      controller ??= new AbortController()
      if (isGone && !controller.signal.aborted) abort()
      return controller.signal
    },
  }
  return { request, abort }
}

function peerOf({ socket }: IncomingMessage): Peer {
  return {
    remoteAddress: plainAddress(socket.remoteAddress ?? ''),
    isSecure: socket instanceof TLSSocket,
    ...(socket instanceof TLSSocket && { tlsVersion: versionOf(socket) }),
  }
}

/** `1.3` of `TLSv1.3`. */
function versionOf(socket: TLSSocket): string {
  return socket.getProtocol()?.slice('TLSv'.length) ?? ''
}

function readContentLength({ headersDistinct }: IncomingMessage): number | undefined {
  if (headersDistinct['transfer-encoding'] !== undefined) return undefined
  return Number(findHeader(headersDistinct, 'content-length') ?? 0)
}
