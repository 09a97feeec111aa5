// Requests signed by hand, wherever a test wants them wrong. Written from the specification, not
// with our code.
import { createHash, createHmac } from 'node:crypto'
import { exchange, type RawAnswer } from './raw-exchange.ts'
import type { S3Server } from './s3-server.ts'

/** Everything that goes into a signature; a test changes what it wants to be wrong. */
export type Draft = {
  readonly method: string
  /** As it goes over the wire. */
  readonly path: string
  /** Encoded, in any order. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** All are signed but `authorization`. */
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
  readonly accessKey: string
  readonly secretKey: string
  readonly signedAt: Date
  /** The day of the credential, when it is another one. */
  readonly day?: string
  readonly region: string
  readonly service: string
  readonly expires: string
}

/** A request that is right: where a bucket is, asked with the server's own keys. */
export function draftFor(server: S3Server, bucket: string, changes: Partial<Draft> = {}): Draft {
  return {
    method: 'GET',
    path: `/${bucket}`,
    query: [['location', '']],
    headers: { host: new URL(server.url).host },
    payload: 'UNSIGNED-PAYLOAD',
    accessKey: server.accessKey,
    secretKey: server.secretKey,
    signedAt: new Date(),
    region: 'us-east-1',
    service: 's3',
    expires: '60',
    ...changes,
  }
}

export type Headers = Readonly<Record<string, string | undefined>>

type Sent = { readonly target: string; readonly headers: Headers; readonly method?: string }

/** The answer to a request without a body; headers without a value are left out. */
export function send(
  server: S3Server,
  { method = 'GET', target, headers }: Sent,
): Promise<RawAnswer> {
  const lines = Object.entries({ connection: 'close', ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return exchange(server, { pieces: [`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`] })
}

/** The headers of a request that is signed in its Authorization header. */
export function signInHeader(draft: Draft): Readonly<Record<string, string>> {
  const { headers, payload, accessKey } = draft
  const all = {
    ...headers,
    'x-amz-content-sha256': payload,
    'x-amz-date': timestampOf(draft),
  }
  const names = Object.keys(all).toSorted()
  const signature = signatureOf({ ...draft, headers: all })
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${accessKey}/${scopeOf(draft)}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...all, authorization }
}

/** The query of a request that is signed in its URL. */
export function signInQuery(draft: Draft): Draft['query'] {
  const query = [
    ...draft.query,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', encodeURIComponent(`${draft.accessKey}/${scopeOf(draft)}`)],
    ['X-Amz-Date', timestampOf(draft)],
    ['X-Amz-Expires', draft.expires],
    ['X-Amz-SignedHeaders', Object.keys(draft.headers).toSorted().join('%3B')],
  ] as const
  const signature = signatureOf({ ...draft, query, payload: 'UNSIGNED-PAYLOAD' })
  return [...query, ['X-Amz-Signature', signature]]
}

/** The target of a request: its path with its query. */
export function targetOf({ path, query }: Pick<Draft, 'path' | 'query'>): string {
  return query.length === 0 ? path : `${path}?${renderQuery(query)}`
}

/** A signature of version 2 of some text. */
export function signV2(secretKey: string, text: string): string {
  return createHmac('sha1', secretKey).update(text).digest('base64')
}

/** The signature of a text with the key that a draft signs with. */
export function signText(draft: Draft, text: string): string {
  const key = scopeOf(draft)
    .split('/')
    .reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${draft.secretKey}`)
  return hmac(key, text).toString('hex')
}

export function timestampOf({ signedAt }: Pick<Draft, 'signedAt'>): string {
  return signedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

export function scopeOf(draft: Draft): string {
  const { day = timestampOf(draft).slice(0, 8), region, service } = draft
  return `${day}/${region}/${service}/aws4_request`
}

function signatureOf(draft: Draft): string {
  const { method, path, query, headers, payload } = draft
  const names = Object.keys(headers).toSorted()
  const canonical = [
    method,
    path,
    renderQuery(query.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
  const hash = createHash('sha256').update(canonical).digest('hex')
  return signText(draft, ['AWS4-HMAC-SHA256', timestampOf(draft), scopeOf(draft), hash].join('\n'))
}

function renderQuery(query: Draft['query']): string {
  return query.map(([name, value]) => `${name}=${value}`).join('&')
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
