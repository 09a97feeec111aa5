/** Requests to the server of a folder: signed with its root keys, answered line by line. */
import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestSecurely } from 'node:https'
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

export type AdminCall = {
  readonly method: 'GET' | 'POST'
  /** Without characters that a path would have to encode. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
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

function send(access: ServerAccess, call: AdminCall): Promise<IncomingMessage> {
  const { host } = new URL(access.url)
  const query = canonicalQuery(Object.entries(call.query).map(([name, value]) => ({ name, value })))
  const headers = signHeaders(access, { ...call, query, host })
  const target = new URL(query === '' ? call.path : `${call.path}?${query}`, access.url)
  const options = { method: call.method, headers }
  return new Promise((resolve, reject) => {
    const asked =
      access.certificate === undefined
        ? request(target, options, resolve)
        : requestSecurely(target, { ...options, ...trustOnly(access.certificate) }, resolve)
    asked.once('error', reject).end()
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
  const headers = {
    host: call.host,
    'x-amz-content-sha256': UNSIGNED_PAYLOAD,
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
      payloadHash: UNSIGNED_PAYLOAD,
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
