/** Reading an object: ranges at once, bytes in order, and never those of two different states. */
import type { IncomingHttpHeaders } from 'node:http'
import { createDigest, DIGEST_ALGORITHMS, type DigestAlgorithm } from '../../base/digest.ts'
import { checksumHeaderName } from '../../protocols/s3/checksums.ts'
import type { S3Client } from './client.ts'
import { unquote } from './lists.ts'
import { isRefusal, TransferError } from './s3-failure.ts'
import { renderTarget, type Target } from './target.ts'

/** What is in memory of an object at any time: so many ranges, and the one being written. */
const RANGES_AT_ONCE = 4
export const RANGE_SIZE_BYTES: number = 8 * 1024 * 1024

export type Source = Target & { readonly versionId?: string }

export type ObjectFacts = {
  readonly sizeBytes: number
  readonly etag: string
  readonly headers: IncomingHttpHeaders
  /** All of it, where one request gave both. */
  readonly bytes?: Buffer
}

const WITH_CHECKSUM = { 'x-amz-checksum-mode': 'ENABLED' }

export async function headObject(
  client: S3Client,
  { bucket, key, versionId }: Source,
  signal?: AbortSignal,
): Promise<ObjectFacts> {
  const query = { versionId }
  const request = { method: 'HEAD', bucket, key, query, headers: WITH_CHECKSUM } as const
  const { headers } = await client.send({ ...request, ...(signal && { signal }) })
  return toFacts(headers)
}

/** A small object with its facts, by one request. @throws TransferError `ObjectChanged` */
export async function getSmallObject(
  client: S3Client,
  { bucket, key }: Source,
  { etag, signal }: { readonly etag: string; readonly signal?: AbortSignal },
): Promise<ObjectFacts> {
  const headers = { ...WITH_CHECKSUM, 'if-match': `"${etag}"` }
  const request = { method: 'GET', bucket, key, headers, maxAnswerBytes: RANGE_SIZE_BYTES } as const
  const answer = await client
    .send({ ...request, ...(signal && { signal }) })
    .catch((error: unknown) => {
      throw isRefusal(error, 'PreconditionFailed') ? changed({ bucket, key }, error) : error
    })
  return { ...toFacts(answer.headers), bytes: answer.bytes }
}

export type Stretch = {
  readonly facts: ObjectFacts
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly signal?: AbortSignal
}

/** The bytes of a stretch, in order. @throws TransferError `ObjectChanged` */
export async function* readObject(
  client: S3Client,
  source: Source,
  { facts, from, to, signal }: Stretch,
): AsyncGenerator<Buffer> {
  if (facts.bytes !== undefined) return yield facts.bytes.subarray(from, to)
  const left = new AbortController()
  const stop = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
  const waiting: Promise<Buffer>[] = []
  let next = from
  const ask = (): void => {
    while (waiting.length < RANGES_AT_ONCE && next < to) {
      const end = Math.min(next + RANGE_SIZE_BYTES, to)
      const range = readRange(client, source, { facts, from: next, to: end, signal: stop })
      // Whoever waits for it hears of it; nobody may be left when another has failed.
      range.catch(() => {})
      waiting.push(range)
      next = end
    }
  }
  try {
    for (ask(); waiting.length > 0; ask()) yield (await waiting.shift()) ?? Buffer.alloc(0)
  } finally {
    left.abort()
  }
}

async function readRange(
  client: S3Client,
  source: Source,
  { facts, from, to, signal }: Stretch,
): Promise<Buffer> {
  const { bucket, key, versionId } = source
  try {
    const { headers, bytes } = await client.send({
      method: 'GET',
      bucket,
      key,
      query: { versionId },
      headers: { range: `bytes=${from}-${to - 1}`, 'if-match': `"${facts.etag}"` },
      maxAnswerBytes: to - from,
      ...(signal && { signal }),
    })
    if (unquote(headers.etag ?? '') === facts.etag && bytes.length === to - from) return bytes
  } catch (error) {
    throw isRefusal(error, 'PreconditionFailed') ? changed(source, error) : error
  }
  throw changed(source)
}

function changed(source: Source, cause?: unknown): TransferError {
  return new TransferError('ObjectChanged', `${renderTarget(source)} changed while it was read.`, {
    cause,
  })
}

function toFacts(headers: IncomingHttpHeaders): ObjectFacts {
  const sizeBytes = Number(headers['content-length'] ?? 0)
  return { sizeBytes, etag: unquote(headers.etag ?? ''), headers }
}

/** What an object's bytes must amount to. */
export type Expectation = { readonly algorithm: DigestAlgorithm; readonly value: string }

/** The checksum over all bytes, else the MD5 in the ETag, if there is either. */
export function findExpectation({ headers, etag }: ObjectFacts): Expectation | undefined {
  const checksum = findChecksum(headers)
  if (checksum !== undefined) return checksum
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256'
  const isEncrypted =
    encryption !== 'AES256' || 'x-amz-server-side-encryption-customer-algorithm' in headers
  if (isEncrypted || !/^[0-9a-f]{32}$/.test(etag)) return undefined
  return { algorithm: 'MD5', value: Buffer.from(etag, 'hex').toString('base64') }
}

/** Those of multipart uploads that are of checksums, not of bytes, end with the number of parts. */
export function findChecksum(headers: IncomingHttpHeaders): Expectation | undefined {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const value = headers[checksumHeaderName(algorithm)]
    if (typeof value === 'string' && !value.includes('-')) return { algorithm, value }
  }
  return undefined
}

export interface Verifier {
  update(bytes: Uint8Array): void
  /** @throws TransferError `WrongBytes` */
  assertRight(): void
}

/** Compares what passes with what the store promised; without a promise everything is right. */
export function createVerifier(source: Source, facts: ObjectFacts): Verifier {
  const expected = findExpectation(facts)
  if (expected === undefined) return { update() {}, assertRight() {} }
  const digest = createDigest(expected.algorithm)
  return {
    update: (bytes) => digest.update(bytes),
    assertRight() {
      if (Buffer.from(digest.digest()).toString('base64') === expected.value) return
      const { algorithm } = expected
      throw new TransferError(
        'WrongBytes',
        `${renderTarget(source)} arrived with other bytes than its ${algorithm} tells of.`,
      )
    },
  }
}
