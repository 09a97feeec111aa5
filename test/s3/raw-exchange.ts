// Requests byte for byte, for what no well-behaved client sends.
import { connect } from 'node:net'
import { createHash, createHmac } from 'node:crypto'
import type { S3Server } from './s3-server.ts'

export type RawAnswer = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** Everything that came, interim answers included. */
  readonly whole: string
}

export type RawOptions = {
  /** Written one after the other. */
  readonly pieces: readonly (string | Uint8Array)[]
  readonly pauseMs?: number
  /** Closes the sending side after the last piece. */
  readonly end?: boolean
}

/** What the server answers to these bytes until it closes, or 300 ms after its last byte. */
export async function exchange(server: S3Server, options: RawOptions): Promise<RawAnswer> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  const received: Buffer[] = []
  const ended = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      received.push(chunk)
      socket.setTimeout(300, () => socket.end())
    })
    socket
      .on('end', resolve)
      .on('close', () => resolve())
      .on('error', reject)
  })
  for (const [at, piece] of options.pieces.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, options.pauseMs ?? 50))
    socket.write(piece)
  }
  if (options.end === true) socket.end()
  await ended
  socket.destroy()
  return parseAnswer(Buffer.concat(received).toString())
}

function parseAnswer(whole: string): RawAnswer {
  const final = whole.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')
  const gap = final.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = final.slice(0, gap).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(headers),
    body: final.slice(gap + 4),
    whole,
  }
}

export type SignedRequest = {
  readonly method: string
  /** Path and query as they go over the wire; parameters in order, encoded. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** What `x-amz-content-sha256` says. */
  readonly payload?: string
}

/**
 * The head of a request with a valid signature, written from the specification, not with our code.
 */
export function signedHead(server: SigningServer, request: SignedRequest): string {
  return signRequest(server, request).head
}

/** Where a request goes, and whose it is. */
export type SigningServer = Pick<S3Server, 'url' | 'accessKey' | 'secretKey'>

type SignedHead = {
  readonly head: string
  readonly signNext: (...lines: readonly string[]) => string
}

/** The head, and what signs the chunks after it: each signature covers the one before. */
export function signRequest(server: SigningServer, request: SignedRequest): SignedHead {
  const { method, target, headers = {}, payload = 'UNSIGNED-PAYLOAD' } = request
  const timestamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${timestamp.slice(0, 8)}/us-east-1/s3/aws4_request`
  const signed: Record<string, string> = {
    host: new URL(server.url).host,
    'x-amz-content-sha256': payload,
    'x-amz-date': timestamp,
  }
  for (const name in headers) {
    if (name.startsWith('x-amz-')) signed[name] = headers[name] ?? ''
  }
  const names = Object.keys(signed).toSorted()
  const [path = '', query = ''] = target.split('?')
  const parameters = query.split('&').filter(Boolean)
  const canonical = [
    method,
    path,
    parameters
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .toSorted()
      .join('&'),
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${server.secretKey}`)
  let signature = hmac(key, text).toString('hex')
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${server.accessKey}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`
  const fields = Object.entries({ connection: 'close', ...headers, ...signed, authorization })
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return {
    head: `${method} ${target} HTTP/1.1\r\n${head}\r\n`,
    signNext(algorithm = '', ...lines) {
      signature = hmac(key, [algorithm, timestamp, scope, signature, ...lines].join('\n')).toString(
        'hex',
      )
      return signature
    },
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
