/** Requests to the server of a folder: signed with its root keys, answered line by line. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { createInterface } from 'node:readline'
import type { ConnectionOptions, SecureContextOptions } from 'node:tls'
import type { ServerAddress } from '../app/address-file.ts'
import type { RootKeys } from '../app/root-keys.ts'
import {
  canonicalQuery,
  canonicalRequest,
  deriveSigningKey,
  formatScope,
  formatTimestamp,
  sign,
  SIGV4_ALGORITHM,
  stringToSign,
  UNSIGNED_PAYLOAD,
} from '../base/sigv4.ts'

/** Not imported: an import evaluates every export, and WebSocket loads undici: 30 ms of a start. */
const { request } = process.getBuiltinModule('node:http')

const HEALTH_TIMEOUT_MS = 5000

export type AdminCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Without characters that a path would have to encode. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body?: string
}

export type ServerAccess = ServerAddress & {
  readonly keys: RootKeys
  readonly now: Date
}

/** The server said no, or broke off. `code` is the server's. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The answer's lines as they come, parsed.
 * @throws ServerRefusal for an answer or a line that is an error; the system's when nobody listens
 */
export async function* callServer(access: ServerAccess, call: AdminCall): AsyncGenerator {
  const answer = await send(access, call)
  let isWhole = false
  answer.once('end', () => (isWhole = true))
  for await (const line of createInterface({ input: answer })) {
    const value = parseLine(line, access.url)
    const refusal = findRefusal(value)
    if (refusal !== undefined) throw refusal
    yield value
  }
  if (isWhole && answer.statusCode === 200) return
  throw new ServerRefusal('Incomplete', `The server at ${access.url} broke off its answer.`)
}

/** The server answers requests. @throws ServerRefusal when it does not */
export async function askHealth(address: ServerAddress): Promise<void> {
  const timeout = HEALTH_TIMEOUT_MS
  const answer = await ask(address, '/minio/health/ready', { timeout }).catch(() => undefined)
  answer?.resume()
  if (answer?.statusCode === 200) return
  throw new ServerRefusal('NotReady', `No server is ready at ${address.url}.`)
}

function send(access: ServerAccess, call: AdminCall): Promise<IncomingMessage> {
  const { host } = new URL(access.url)
  const query = canonicalQuery(Object.entries(call.query).map(([name, value]) => ({ name, value })))
  const headers = signHeaders(access, { ...call, query, host })
  const path = query === '' ? call.path : `${call.path}?${query}`
  return ask(access, path, { method: call.method, headers, body: call.body })
}

function ask(
  { url, certificate }: ServerAddress,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: string | undefined },
): Promise<IncomingMessage> {
  const target = new URL(path, url)
  return new Promise((resolve, reject) => {
    const asked =
      certificate === undefined
        ? request(target, options, resolve)
        : process
            .getBuiltinModule('node:https')
            .request(target, { ...options, ...trustOnly(certificate) }, resolve)
    asked.once('timeout', () => asked.destroy())
    asked.once('error', reject).end(body)
  })
}

/**
 * The server must have the certificate that the folder names, whoever issued it and whatever names
 * are in it: the address is of this machine, the certificate may be for the world.
 */
function trustOnly(certificate: string): RequestOptions & SecureContextOptions & ConnectionOptions {
  return {
    ca: certificate,
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  }
}

function signHeaders(
  { keys, now }: ServerAccess,
  call: Omit<AdminCall, 'query'> & { readonly query: string; readonly host: string },
): Readonly<Record<string, string>> {
  const timestamp = formatTimestamp(now)
  const scope = { day: timestamp.slice(0, 8), region: 'us-east-1', service: 's3' }
  const payloadHash = call.body === undefined ? UNSIGNED_PAYLOAD : hashText(call.body)
  const headers = {
    host: call.host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': timestamp,
  }
  const text = stringToSign({
    timestamp,
    scope,
    canonicalRequest: canonicalRequest({
      method: call.method,
      rawPath: call.path,
      query: call.query,
      headers: Object.entries(headers),
      payloadHash,
    }),
  })
  const signature = sign(deriveSigningKey(keys.password, scope), text)
  const credential = `Credential=${keys.user}/${formatScope(scope)}`
  const signed = `SignedHeaders=${Object.keys(headers).join(';')}`
  return {
    ...headers,
    authorization: `${SIGV4_ALGORITHM} ${credential}, ${signed}, Signature=${signature}`,
  }
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function parseLine(line: string, url: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    const advice = 'remove the file "address" from the folder if its server is gone'
    throw new ServerRefusal('NotCoffer', `What answers at ${url} is not Coffer: ${advice}.`)
  }
}

function findRefusal(value: unknown): ServerRefusal | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined
  const { error } = value
  if (typeof error !== 'object' || error === null) return undefined
  const { code, message } = { code: 'Unknown', message: 'It did not say why.', ...error }
  return new ServerRefusal(code, message)
}
