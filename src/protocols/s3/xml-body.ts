// Documents that come as request bodies: read whole, within a limit, verified, then parsed.
import { parseXml, XmlError, type XmlElement } from '../../base/xml.ts'
import { openBody } from '../../storage/incoming-bytes.ts'
import { isStorageError } from '../../storage/storage-error.ts'
import type { S3Request } from './operation.ts'
import { S3Error } from './errors.ts'

/** Enough for every document but the two below. */
const DOCUMENT_SIZE_BYTES = 64 * 1024
/** 1,000 keys of 1,024 bytes, all of them escaped. */
export const DELETE_SIZE_BYTES: number = 8 * 1024 * 1024
/** 10,000 parts with a checksum each. */
export const COMPLETE_SIZE_BYTES: number = 4 * 1024 * 1024

const MAX_DEPTH = 8

type DocumentOptions = {
  /** The name of the root element. */
  readonly root: string
  readonly maxSizeBytes?: number
}

/** @throws S3Error `MissingRequestBody`, `MalformedXML`, `MaxMessageLengthExceeded` */
export async function readXml(request: S3Request, options: DocumentOptions): Promise<XmlElement> {
  const document = await readOptionalXml(request, options)
  if (document === undefined) throw new S3Error('MissingRequestBody')
  return document
}

/** `undefined` for an empty body. */
export async function readOptionalXml(
  request: S3Request,
  { root, maxSizeBytes = DOCUMENT_SIZE_BYTES }: DocumentOptions,
): Promise<XmlElement | undefined> {
  const bytes = await collect(request, maxSizeBytes)
  if (bytes.length === 0) return undefined
  const document = parse(bytes, maxSizeBytes)
  if (document.name !== root) throw new S3Error('MalformedXML')
  return document
}

/** A document that is no XML, `undefined` when it is not UTF-8. Byte order marks are kept. */
export async function readText(request: S3Request): Promise<string | undefined> {
  const bytes = await collect(request, DOCUMENT_SIZE_BYTES)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Verified like an object's bytes: a digest that was announced must hold. */
async function collect({ body, http }: S3Request, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of openBody(body, { maxBytes }).bytes) {
      http.visit?.hold(piece.length)
      pieces.push(piece)
    }
  } catch (cause) {
    if (!isStorageError(cause, 'BodyTooLarge')) throw cause
    throw new S3Error('MaxMessageLengthExceeded', {
      fields: { MaxMessageLengthBytes: String(maxBytes) },
      cause,
    })
  }
  return Buffer.concat(pieces)
}

function parse(bytes: Uint8Array, maxSizeBytes: number): XmlElement {
  try {
    return parseXml(bytes, { maxSizeBytes, maxDepth: MAX_DEPTH })
  } catch (cause) {
    if (cause instanceof XmlError) throw new S3Error('MalformedXML', { cause })
    throw cause
  }
}
