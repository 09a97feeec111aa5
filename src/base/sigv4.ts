// Signature Version 4 as pure functions, for whoever checks a request and whoever makes one.
import { hash, timingSafeEqual } from 'node:crypto'

export const SIGV4_ALGORITHM = 'AWS4-HMAC-SHA256'

/** What an S3 client may sign in place of the hash of its body. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

/** Where and when a signature counts. @see AWS General Reference, "Credential scope" */
export type CredentialScope = {
  /** `YYYYMMDD`, UTC. */
  readonly day: string
  readonly region: string
  readonly service: string
}

export type CanonicalRequestParts = {
  readonly method: string
  /** As sent: S3 neither normalises the path nor encodes it twice. */
  readonly rawPath: string
  /** From `canonicalQuery`. */
  readonly query: string
  /** Lower-case names with their values; only the signed ones. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly payloadHash: string
}

/** @see AWS General Reference, "Create a canonical request" */
export function canonicalRequest(parts: CanonicalRequestParts): string {
  const { method, rawPath, query, payloadHash } = parts
  let lines = ''
  let names = ''
  for (const [name, value] of inOrder(parts.headers)) {
    lines += `${name}:${foldSpaces(value)}\n`
    names += names === '' ? name : `;${name}`
  }
  return `${method}\n${rawPath}\n${query}\n${lines}\n${names}\n${payloadHash}`
}

/** Nearly all clients name them in order. */
function inOrder(headers: CanonicalRequestParts['headers']): CanonicalRequestParts['headers'] {
  let last = ''
  for (const [name] of headers) {
    if (name < last) return headers.toSorted(([one], [other]) => (one < other ? -1 : 1))
    last = name
  }
  return headers
}

/** Parameters, decoded, as the query string that is signed: encoded, then sorted by code point. */
export function canonicalQuery(
  parameters: readonly { readonly name: string; readonly value: string }[],
): string {
  if (parameters.length === 0) return ''
  return parameters
    .map(({ name, value }) => [encodeUri(name), encodeUri(value)] as const)
    .toSorted(([name, value], [otherName, otherValue]) =>
      name === otherName ? compare(value, otherValue) : compare(name, otherName),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Percent-encodes everything but the unreserved characters of RFC 3986. */
export function encodeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

export type StringToSignParts = {
  /** `YYYYMMDD'T'HHMMSS'Z'`. */
  readonly timestamp: string
  readonly scope: CredentialScope
  readonly canonicalRequest: string
}

export function stringToSign(parts: StringToSignParts): string {
  const digest = sha256Hex(Buffer.from(parts.canonicalRequest, 'latin1'))
  return `${SIGV4_ALGORITHM}\n${parts.timestamp}\n${formatScope(parts.scope)}\n${digest}`
}

export function formatScope({ day, region, service }: CredentialScope): string {
  return `${day}/${region}/${service}/aws4_request`
}

/** The signature of a string, as lower-case hex. */
export function sign(key: SigningKey, text: string): string {
  const size = BLOCK_BYTES + Buffer.byteLength(text)
  const message = size <= scratch.length ? scratch.subarray(0, size) : Buffer.alloc(size)
  message.set(key.inner)
  message.write(text, BLOCK_BYTES)
  scratchOfOuter.set(key.outer)
  scratchOfOuter.write(hash('sha256', message, 'hex'), BLOCK_BYTES, 'hex')
  return hash('sha256', scratchOfOuter, 'hex')
}

/**
 * What the two hashes of an HMAC begin with. Node's own HMAC makes objects that cost more than the
 * hashes. @see RFC 2104 §2
 */
export type SigningKey = { readonly inner: Uint8Array; readonly outer: Uint8Array }

const BLOCK_BYTES = 64
const HASH_BYTES = 32
/** Not from Node's pool, where keys would lie about. */
const scratch = Buffer.alloc(1024)
const scratchOfOuter = Buffer.alloc(BLOCK_BYTES + HASH_BYTES)

function toSigningKey(secret: Buffer): SigningKey {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(secret.length > BLOCK_BYTES ? hash('sha256', secret, 'buffer') : secret)
  return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
}

export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** Whether two signatures are the same, in a time that tells nothing about where they differ. */
export function isSameSignature(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The key that signs within `scope`. Costs four HMACs: see `createSigningKeyCache`. */
export function deriveSigningKey(secret: string, scope: CredentialScope): SigningKey {
  const { day, region, service } = scope
  const steps = [day, region, service, 'aws4_request']
  const first = toSigningKey(Buffer.from(`AWS4${secret}`))
  return steps.reduce((key, step) => toSigningKey(Buffer.from(sign(key, step), 'hex')), first)
}

export type SigningKeys = (secret: string, scope: CredentialScope) => SigningKey

/** `deriveSigningKey` with a memory of `maxKeys`, oldest forgotten first. */
export function createSigningKeyCache(maxKeys: number = 1000): SigningKeys {
  const keys = new Map<string, SigningKey>()
  return (secret, scope) => {
    // Nothing of a scope has a slash, so the name is one pair's alone.
    const name = `${formatScope(scope)} ${secret}`
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = deriveSigningKey(secret, scope)
    if (keys.size >= maxKeys) {
      const oldest = keys.keys().next()
      if (oldest.done !== true) keys.delete(oldest.value)
    }
    keys.set(name, key)
    return key
  }
}

/** `2013-05-24T00:00:00.000Z` as `20130524T000000Z`. */
export function formatTimestamp(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** The moment that `20130524T000000Z` names, `undefined` when it names none. */
export function parseTimestamp(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // The 30th of February would be the 2nd of March; anything worse is NaN, which equals nothing.
  return at.getUTCDate() === Number(day) ? at : undefined
}

/** Outer whitespace goes, inner runs of spaces become one. */
function foldSpaces(value: string): string {
  const trimmed = value.trim()
  return trimmed.includes('  ') ? trimmed.replaceAll(/ {2,}/g, ' ') : trimmed
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
