/** One request over the wire, and its answer: the address of the S3 commands' outgoing HTTP. */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rootCertificates } from 'node:tls'
import type { S3Endpoint } from './endpoint.ts'
import type { Payload } from './payload.ts'
import { TransferError } from './s3-failure.ts'

/** Not imported, for the reason that running-server.ts gives. */
const http = process.getBuiltinModule('node:http')

/** A server that says nothing for so long is gone; completing a large upload takes a while. */
const SILENCE_MS = 120_000
/** A body that is to be refused need not be sent: who sends a larger one asks first. */
const ASK_FIRST_BYTES = 1024 * 1024
/** Servers that do not know the question get the body after this time. */
const ANSWER_TO_QUESTION_MS = 1000

export type WireRequest = {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: Payload | undefined
  /** An answer larger than this is not read. */
  readonly maxAnswerBytes: number
  readonly signal?: AbortSignal | undefined
}

export type WireAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** Connections to one endpoint, kept for the next request. */
export interface Wire {
  /** @throws the system's errors when the connection fails; TransferError `NotS3` */
  send(request: WireRequest): Promise<WireAnswer>
}

export function openWire(endpoint: S3Endpoint): Wire {
  const isSecure = endpoint.url.startsWith('https:')
  const { Agent } = isSecure ? process.getBuiltinModule('node:https') : http
  const agent = new Agent({ keepAlive: true })
  const target = new URL(new URL(endpoint.url).origin)
  const trust = trustOf(endpoint)
  return {
    send(wireRequest) {
      const { method, path, headers, payload, signal } = wireRequest
      const asksFirst = (payload?.sizeBytes ?? 0) > ASK_FIRST_BYTES
      const options: RequestOptions = {
        ...trust,
        agent,
        method,
        path,
        headers: {
          ...headers,
          'content-length': String(payload?.sizeBytes ?? 0),
          ...(asksFirst && { expect: '100-continue' }),
        },
        timeout: SILENCE_MS,
        ...(signal !== undefined && { signal }),
      }
      return exchange({ target, options, wireRequest, asksFirst })
    },
  }
}

type Exchange = {
  readonly target: URL
  readonly options: RequestOptions
  readonly wireRequest: WireRequest
  readonly asksFirst: boolean
}

async function exchange(parts: Exchange): Promise<WireAnswer> {
  const { target, options, wireRequest } = parts
  const isSecure = target.protocol === 'https:'
  const { request } = isSecure ? process.getBuiltinModule('node:https') : http
  const asked = request(target, options)
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('error', reject).once('response', resolve)
  })
  asked.once('timeout', () => asked.destroy(new TransferError('ConnectionFailed', SILENT)))
  sendBody(asked, parts)
  const answer = await answered
  const bytes = await readAnswer(answer, wireRequest.maxAnswerBytes)
  // A server that refuses before it has read everything is not sent the rest.
  if (!asked.writableFinished) asked.destroy()
  return { status: answer.statusCode ?? 0, headers: answer.headers, bytes }
}

function sendBody(asked: ClientRequest, { wireRequest: { payload }, asksFirst }: Exchange): void {
  if (payload === undefined) return void asked.end()
  let isWanted = true
  const send = (): void => {
    if (!isWanted) return
    isWanted = false
    // A failure destroys the request, which tells of it.
    pipeline(Readable.from(payload.open(), { objectMode: false }), asked).catch(() => {})
  }
  if (!asksFirst) return send()
  const timer = setTimeout(send, ANSWER_TO_QUESTION_MS)
  asked.once('continue', send)
  asked.once('response', () => (isWanted = false))
  asked.once('close', () => clearTimeout(timer))
  asked.flushHeaders()
}

const SILENT = `The server has said nothing for ${SILENCE_MS / 1000} seconds.`

async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    sizeBytes += piece.length
    if (sizeBytes > maxBytes) {
      answer.destroy()
      throw new TransferError('NotS3', `The server answers with more than ${maxBytes} bytes.`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function trustOf({ certificate, authorities }: S3Endpoint): RequestOptions {
  if (certificate !== undefined) {
    // The folder names it; the address is of this machine, the certificate may be for the world.
    return { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
  }
  return authorities === undefined ? {} : { ca: [...rootCertificates, authorities] }
}
