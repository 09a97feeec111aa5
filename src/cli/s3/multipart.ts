/** Multipart uploads: an object that comes in parts, and is there only when it is completed. */
import { combineCrc } from '../../base/combine-crc.ts'
import { sha256Hex } from '../../base/sigv4.ts'
import {
  findChildren,
  findChildText,
  renderXml,
  type Xml,
  xmlElement,
  type XmlElement,
  xmlText,
} from '../../base/xml.ts'
import type { S3Client } from './client.ts'
import { nameDecoder } from './lists.ts'
import { bytesPayload, getDigest, measure, type Payload } from './payload.ts'
import { TransferError } from './s3-failure.ts'
import { renderTarget, type Target } from './target.ts'

/** @see S3 User Guide, "Amazon S3 multipart upload limits" */
export const MAX_PARTS = 10_000
export const MIN_PART_SIZE_BYTES: number = 5 * 1024 * 1024

/** The checksum of everything that we upload; those of parts add up to that of the object. */
export const CHECKSUM = 'CRC64NVME'
export const CHECKSUM_HEADER = 'x-amz-checksum-crc64nvme'

export type Upload = Target & { readonly uploadId: string }

export type ListedUpload = Upload & {
  readonly begunAt: string
  readonly checksumAlgorithm: string | undefined
}

export type ListedPart = {
  readonly partNumber: number
  readonly sizeBytes: number
  readonly etag: string
}

/** A part that is stored; `crc` is of its bytes, absent when the store did not tell. */
export type Part = ListedPart & { readonly crc?: Buffer }

export type Headers = Readonly<Record<string, string | undefined>>

export async function beginUpload(
  client: S3Client,
  { bucket, key }: Target,
  headers: Headers,
): Promise<Upload> {
  const root = await client.ask({
    method: 'POST',
    bucket,
    key,
    query: { uploads: '' },
    headers: {
      ...headers,
      'x-amz-checksum-algorithm': CHECKSUM,
      'x-amz-checksum-type': 'FULL_OBJECT',
    },
  })
  const uploadId = findChildText(root, 'UploadId')
  if (uploadId === undefined) {
    throw new TransferError('NotS3', `${client.endpoint.url} begins uploads without an id.`)
  }
  return { bucket, key, uploadId }
}

export type PartToPut = {
  readonly partNumber: number
  readonly payload: Payload
  readonly signal?: AbortSignal | undefined
}

/** The part is stored as it was read here, or the store refuses it. */
export async function putPart(
  client: S3Client,
  { bucket, key, uploadId }: Upload,
  { partNumber, payload, signal }: PartToPut,
): Promise<Part> {
  const { headers, payloadHash, crc } = await sealPayload(client, payload)
  const answer = await client.send({
    method: 'PUT',
    bucket,
    key,
    query: { partNumber: String(partNumber), uploadId },
    headers,
    payload,
    ...(payloadHash !== undefined && { payloadHash }),
    ...(signal !== undefined && { signal }),
  })
  return { partNumber, sizeBytes: payload.sizeBytes, etag: answer.headers.etag ?? '', crc }
}

export type Sealed = {
  readonly headers: Headers
  readonly payloadHash: string | undefined
  readonly crc: Buffer
}

/** Its checksum travels ahead; on plain HTTP the signature covers it, too. */
export async function sealPayload(client: S3Client, payload: Payload): Promise<Sealed> {
  const isSecure = client.endpoint.url.startsWith('https:')
  const digests = await measure(payload, isSecure ? [CHECKSUM] : [CHECKSUM, 'SHA256'])
  const crc = getDigest(digests, CHECKSUM)
  return {
    headers: { [CHECKSUM_HEADER]: crc.toString('base64') },
    payloadHash: isSecure ? undefined : getDigest(digests, 'SHA256').toString('hex'),
    crc,
  }
}

export type Completion = { readonly parts: readonly Part[]; readonly checksum?: string }

/**
 * The object is there, with the checksum that its parts add up to, or that is expected. Gives its
 * ETag. @throws TransferError `WrongBytes`
 */
export async function completeUpload(
  client: S3Client,
  { bucket, key, uploadId }: Upload,
  { parts, checksum = addUp(parts) }: Completion,
): Promise<string> {
  const document = xmlElement('CompleteMultipartUpload', sort(parts).map(renderPart))
  const body = Buffer.from(renderXml(document))
  const root = await client.ask({
    method: 'POST',
    bucket,
    key,
    query: { uploadId },
    headers: {
      [CHECKSUM_HEADER]: checksum,
      'x-amz-checksum-type': checksum === undefined ? undefined : 'FULL_OBJECT',
    },
    payload: bytesPayload(body),
    payloadHash: sha256Hex(body),
  })
  const answered = findChildText(root, 'ChecksumCRC64NVME')
  if (answered !== undefined && answered !== (checksum ?? answered)) {
    const name = renderTarget({ bucket, key })
    throw new TransferError('WrongBytes', `${name} was stored with other bytes than were sent.`)
  }
  return findChildText(root, 'ETag') ?? ''
}

function sort(parts: readonly Part[]): readonly Part[] {
  return parts.toSorted((one, other) => one.partNumber - other.partNumber)
}

function addUp(parts: readonly Part[]): string | undefined {
  const known = sort(parts).flatMap(({ crc, sizeBytes }) =>
    crc === undefined ? [] : [{ crc, sizeBytes }],
  )
  if (known.length < parts.length) return undefined
  return Buffer.from(combineCrc(CHECKSUM, known)).toString('base64')
}

function renderPart({ partNumber, etag, crc }: Part): Xml {
  return xmlElement('Part', [
    xmlText('PartNumber', partNumber),
    xmlText('ETag', etag),
    xmlText('ChecksumCRC64NVME', crc?.toString('base64')),
  ])
}

/** Its parts are gone. */
export async function abortUpload(
  client: S3Client,
  { bucket, key, uploadId }: Upload,
): Promise<void> {
  await client.send({ method: 'DELETE', bucket, key, query: { uploadId } })
}

/** Uploads that are neither completed nor aborted, of keys with a prefix. */
export async function* listUploads(
  client: S3Client,
  { bucket, prefix }: { readonly bucket: string; readonly prefix?: string },
): AsyncGenerator<ListedUpload> {
  let markers: Headers = {}
  for (;;) {
    const query = { uploads: '', prefix, 'encoding-type': 'url', ...markers }
    const page = await client.ask({ method: 'GET', bucket, query })
    const decode = nameDecoder(page)
    for (const element of findChildren(page, 'Upload')) {
      yield { ...toUpload(element), bucket, key: decode(text(element, 'Key')) }
    }
    if (findChildText(page, 'IsTruncated') !== 'true') return
    markers = {
      'key-marker': decode(text(page, 'NextKeyMarker')),
      'upload-id-marker': findChildText(page, 'NextUploadIdMarker'),
    }
  }
}

function toUpload(element: XmlElement): Omit<ListedUpload, keyof Target> {
  return {
    uploadId: text(element, 'UploadId'),
    begunAt: text(element, 'Initiated'),
    checksumAlgorithm: findChildText(element, 'ChecksumAlgorithm'),
  }
}

/** The parts that are stored, by number. */
export async function* listParts(
  client: S3Client,
  { bucket, key, uploadId }: Upload,
): AsyncGenerator<ListedPart> {
  let marker: string | undefined
  do {
    const query = { uploadId, 'part-number-marker': marker }
    const page = await client.ask({ method: 'GET', bucket, key, query })
    for (const element of findChildren(page, 'Part')) {
      yield {
        partNumber: Number(text(element, 'PartNumber')),
        sizeBytes: Number(text(element, 'Size')),
        etag: text(element, 'ETag'),
      }
    }
    const isTruncated = findChildText(page, 'IsTruncated') === 'true'
    marker = isTruncated ? findChildText(page, 'NextPartNumberMarker') : undefined
  } while (marker !== undefined)
}

function text(element: XmlElement, name: string): string {
  return findChildText(element, name) ?? ''
}
