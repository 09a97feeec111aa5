// The body of a request without its transfer encoding, and everything its sender says of it.
import type { AnnouncedChecksum, IncomingBytes } from '../../storage/incoming-bytes.ts'
import type { PayloadSeal } from '../http/signature/payload-seal.ts'
import { findHeader, type HttpHeaders, type HttpRequest } from '../http/request.ts'
import { checksumHeaderName, parseAnnouncedChecksum } from './checksums.ts'
import { type ChunkedBody, decodeChunkedBody } from './chunked-body.ts'
import { S3Error } from './errors.ts'

const MD5_BASE64 = /^[A-Za-z0-9+/]{22}==$/

type DecodeOptions = {
  readonly payload: PayloadSeal
  /** Whether checksums in the headers are about something else than the body. */
  readonly describesResult: boolean
}

/** @throws S3Error `MissingContentLength`, `InvalidDigest`, `InvalidRequest`, `InvalidChecksum` */
export function decodeBody(
  http: HttpRequest,
  { payload, describesResult }: DecodeOptions,
): IncomingBytes {
  const chunked = payload.kind === 'chunked' ? decodeChunks(http, payload) : undefined
  const size = payload.kind === 'chunked' ? parseDecodedSize(http.headers) : http.contentLength
  const md5 = parseMd5(http.headers)
  const checksum = describesResult ? undefined : announcedChecksum(http.headers, chunked)
  return {
    bytes: chunked?.bytes ?? http.body,
    ...(size !== undefined && { size }),
    ...(md5 !== undefined && { md5 }),
    ...(payload.kind === 'hash' && { sha256: payload.sha256 }),
    ...(checksum && { checksum }),
  }
}

/** Passes when the body has a known end: by its length, or by chunked transfer. */
export function assertHasLength({ headers }: Pick<HttpRequest, 'headers'>): void {
  const isFramed = ['content-length', 'transfer-encoding'].some((name) => headers[name])
  if (!isFramed) throw new S3Error('MissingContentLength')
}

function decodeChunks(
  { headers, body }: HttpRequest,
  { signing, hasTrailers }: PayloadSeal & { readonly kind: 'chunked' },
): ChunkedBody {
  const announcedTrailers = findHeader(headers, 'x-amz-trailer')
    ?.toLowerCase()
    .split(',')
    .map((name) => name.trim())
  return decodeChunkedBody(body, {
    decodedSizeBytes: parseDecodedSize(headers),
    signing,
    hasTrailers,
    ...(announcedTrailers && { announcedTrailers }),
  })
}

function parseDecodedSize(headers: HttpHeaders): number {
  const value = findHeader(headers, 'x-amz-decoded-content-length') ?? ''
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw new S3Error('MissingContentLength')
}

function parseMd5(headers: HttpHeaders): string | undefined {
  const value = findHeader(headers, 'content-md5')
  if (value === undefined || MD5_BASE64.test(value)) return value
  throw new S3Error('InvalidDigest', { fields: { 'Content-MD5': value } })
}

function announcedChecksum(
  headers: HttpHeaders,
  chunked: ChunkedBody | undefined,
): AnnouncedChecksum | undefined {
  const announced = parseAnnouncedChecksum(headers)
  if (announced === undefined) return undefined
  const { algorithm, value } = announced
  const fromTrailer = (): string | undefined => chunked?.trailers.get(checksumHeaderName(algorithm))
  return { algorithm, value: value ?? fromTrailer }
}
