// S3's aws-chunked framing: chunks that may be signed, then trailers that may be signed.
// @see S3 API Reference, "Transferring Payload in Multiple Chunks" and "Including trailing headers"
import { createHash } from 'node:crypto'
import { type ByteReader, createByteReader, LineTooLongError } from '../../base/byte-reader.ts'
import { isSameSignature, sha256Hex, sign } from '../../base/sigv4.ts'
import type { ChunkSigning } from '../http/signature/payload-seal.ts'

export type ChunkedBodyOptions = {
  /** `x-amz-decoded-content-length`: what is left when the framing is gone. */
  readonly decodedSizeBytes: number
  /** Present when every chunk, and the trailers, must be signed. */
  readonly signing: ChunkSigning | undefined
  readonly hasTrailers: boolean
  /** The names in `x-amz-trailer`, lower case: these come, and no others. */
  readonly announcedTrailers?: readonly string[]
}

export type ChunkedBody = {
  /**
   * The payload. Nothing of a signed chunk passes before its signature was checked, so the source
   * must not reuse its buffers; a chunk without signature passes as it comes. Copies nothing.
   * @throws ChunkedBodyError, before its end, and whatever the source throws
   */
  readonly bytes: AsyncIterable<Uint8Array>
  /** The trailers by lower-case name; complete after `bytes` has ended cleanly. */
  readonly trailers: ReadonlyMap<string, string>
}

export type ChunkedBodyErrorCode =
  /** The source ended first. */
  | 'BodyIncomplete'
  | 'FramingMalformed'
  | 'ChunkTooLarge'
  | 'ChunkSignatureMismatch'
  | 'DecodedSizeMismatch'
  | 'TrailerMalformed'
  | 'TrailerSignatureMismatch'

export class ChunkedBodyError extends Error {
  override readonly name = 'ChunkedBodyError'
  readonly code: ChunkedBodyErrorCode

  constructor(code: ChunkedBodyErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A signed chunk waits in memory for its signature. MinIO has the same limit; SDKs send 64 KiB. */
const MAX_SIGNED_CHUNK_SIZE_BYTES = 16 * 1024 * 1024
/** Longer than any chunk header or trailer that a client sends. */
const MAX_LINE_SIZE_BYTES = 1024
const MAX_TRAILERS = 16
const TRAILER_SIGNATURE = 'x-amz-trailer-signature'

export function decodeChunkedBody(
  source: AsyncIterable<Uint8Array>,
  options: ChunkedBodyOptions,
): ChunkedBody {
  const trailers = new Map<string, string>()
  return { bytes: decode(source, options, trailers), trailers }
}

async function* decode(
  source: AsyncIterable<Uint8Array>,
  options: ChunkedBodyOptions,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array, undefined> {
  const { signing, decodedSizeBytes } = options
  const reader = createByteReader(source, { maxLineBytes: MAX_LINE_SIZE_BYTES })
  const signatures = signing === undefined ? undefined : createSignatureChain(signing)
  let remaining = decodedSizeBytes
  try {
    for (;;) {
      const { sizeBytes, signature } = parseChunkHeader(await readLine(reader))
      if (sizeBytes > remaining) throw sizeMismatch(decodedSizeBytes)
      if (signatures === undefined) yield* passChunk(reader, sizeBytes)
      else yield* await collectChunk(reader, { sizeBytes, signature, signatures })
      if (sizeBytes === 0) break
      remaining -= sizeBytes
      if ((await readLine(reader)) !== '') {
        throw malformed('A chunk is not followed by a line end.')
      }
    }
    if (remaining > 0) throw sizeMismatch(decodedSizeBytes)
    const trailerSignature = await readTrailers(reader, { ...options, trailers })
    if (options.hasTrailers) signatures?.checkTrailers(trailers, trailerSignature)
    checkAnnounced(options, trailers)
    return undefined
  } catch (error) {
    if (error instanceof LineTooLongError) throw malformed(error.message)
    throw error
  } finally {
    await reader.close()
  }
}

async function* passChunk(reader: ByteReader, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let remaining = sizeBytes; remaining > 0;) {
    const piece = await reader.readSome(remaining)
    if (piece === undefined) throw incomplete()
    remaining -= piece.length
    yield piece
  }
}

type SignedChunk = {
  readonly sizeBytes: number
  readonly signature: string | undefined
  readonly signatures: SignatureChain
}

async function collectChunk(
  reader: ByteReader,
  { sizeBytes, signature, signatures }: SignedChunk,
): Promise<readonly Uint8Array[]> {
  if (sizeBytes > MAX_SIGNED_CHUNK_SIZE_BYTES) {
    throw new ChunkedBodyError(
      'ChunkTooLarge',
      `A signed chunk has ${sizeBytes} bytes; send at most ${MAX_SIGNED_CHUNK_SIZE_BYTES}.`,
    )
  }
  const pieces: Uint8Array[] = []
  const hash = createHash('sha256')
  for await (const piece of passChunk(reader, sizeBytes)) {
    hash.update(piece)
    pieces.push(piece)
  }
  signatures.checkChunk(hash.digest('hex'), signature)
  return pieces
}

type ChunkHeader = { readonly sizeBytes: number; readonly signature: string | undefined }

const CHUNK_HEADER = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i

function parseChunkHeader(line: string): ChunkHeader {
  const match = CHUNK_HEADER.exec(line)
  if (match === null) throw malformed('A chunk does not begin with its size.')
  return { sizeBytes: Number.parseInt(match[1] ?? '', 16), signature: match[2] }
}

type TrailerOptions = ChunkedBodyOptions & { readonly trailers: Map<string, string> }

/**
 * Reads up to the end of the body, which must come after the trailers, and returns their signature.
 * Some clients end a signed trailer with `\n\r\n`, so an empty line in front of the signature
 * counts for nothing; some leave out the last empty line.
 */
async function readTrailers(
  reader: ByteReader,
  { signing, hasTrailers, trailers }: TrailerOptions,
): Promise<string | undefined> {
  let signature: string | undefined
  const isSigned = signing !== undefined && hasTrailers
  for (;;) {
    const line = await reader.readLine()
    if (line === undefined) return signature
    if (line === '' && (!isSigned || signature !== undefined)) break
    if (line === '') continue
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const isKnown = trailers.has(name) || (name === TRAILER_SIGNATURE && signature !== undefined)
    if (!hasTrailers || name === '' || isKnown || trailers.size === MAX_TRAILERS) {
      throw badTrailer(`"${name}" must not come after the last chunk.`)
    }
    if (name === TRAILER_SIGNATURE) signature = value
    else trailers.set(name, value)
  }
  if ((await reader.readSome(1)) !== undefined) throw malformed('Bytes follow the end of the body.')
  return signature
}

function checkAnnounced(
  { announcedTrailers }: ChunkedBodyOptions,
  trailers: ReadonlyMap<string, string>,
): void {
  if (announcedTrailers === undefined) return
  const absent = announcedTrailers.filter((name) => !trailers.has(name))
  const unannounced = [...trailers.keys()].filter((name) => !announcedTrailers.includes(name))
  const odd = [...absent, ...unannounced]
  if (odd.length > 0) {
    throw badTrailer(`x-amz-trailer and the trailers differ in ${odd.join(', ')}.`)
  }
}

async function readLine(reader: ByteReader): Promise<string> {
  const line = await reader.readLine()
  if (line === undefined) throw incomplete()
  return line
}

type SignatureChain = {
  readonly checkChunk: (sha256: string, signature: string | undefined) => void
  readonly checkTrailers: (
    trailers: ReadonlyMap<string, string>,
    signature: string | undefined,
  ) => void
}

const EMPTY_SHA256 = sha256Hex(new Uint8Array())

/** Each signature covers the one before, so that chunks cannot be dropped, added or reordered. */
function createSignatureChain(signing: ChunkSigning): SignatureChain {
  const { key, timestamp, scope, seedSignature } = signing
  let previous = seedSignature
  const isNext = (lines: readonly string[], signature: string | undefined): boolean => {
    const [algorithm = '', ...rest] = lines
    const expected = sign(key, [algorithm, timestamp, scope, previous, ...rest].join('\n'))
    previous = expected
    return signature !== undefined && isSameSignature(expected, signature.toLowerCase())
  }
  return {
    checkChunk(sha256, signature) {
      if (isNext(['AWS4-HMAC-SHA256-PAYLOAD', EMPTY_SHA256, sha256], signature)) return
      throw new ChunkedBodyError('ChunkSignatureMismatch', 'The signature of a chunk is wrong.')
    },
    checkTrailers(trailers, signature) {
      const lines = [...trailers].map(([name, value]) => `${name}:${value}\n`)
      const sha256 = sha256Hex(Buffer.from(lines.join(''), 'latin1'))
      if (isNext(['AWS4-HMAC-SHA256-TRAILER', sha256], signature)) return
      throw new ChunkedBodyError('TrailerSignatureMismatch', 'The trailer signature is wrong.')
    },
  }
}

function malformed(message: string): ChunkedBodyError {
  return new ChunkedBodyError('FramingMalformed', message)
}

function incomplete(): ChunkedBodyError {
  return new ChunkedBodyError('BodyIncomplete', 'The body ended before its last chunk.')
}

function badTrailer(message: string): ChunkedBodyError {
  return new ChunkedBodyError('TrailerMalformed', message)
}

function sizeMismatch(decodedSizeBytes: number): ChunkedBodyError {
  return new ChunkedBodyError(
    'DecodedSizeMismatch',
    `The body does not have the ${decodedSizeBytes} bytes of x-amz-decoded-content-length.`,
  )
}
