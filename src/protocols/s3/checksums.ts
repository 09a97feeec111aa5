// Checksums as S3 names them: `x-amz-checksum-crc32` in headers and trailers, `ChecksumCRC32` in
// XML.
import { findChildText, xmlFragment, xmlText, type Xml, type XmlElement } from '../../base/xml.ts'
import { DIGEST_ALGORITHMS, DIGEST_SIZE_BYTES, type DigestAlgorithm } from '../../base/digest.ts'
import { isCrcAlgorithm } from '../../base/combine-crc.ts'
import type { Checksum, ChecksumType } from '../../storage/checksum.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import type { ResponseHeaders } from '../http/response.ts'
import { S3Error } from './errors.ts'

const HEADER_PREFIX = 'x-amz-checksum-'

const ALGORITHM_OF_HEADER: ReadonlyMap<string, DigestAlgorithm> = new Map(
  DIGEST_ALGORITHMS.map((algorithm) => [checksumHeaderName(algorithm), algorithm]),
)

export function checksumHeaderName(algorithm: DigestAlgorithm): string {
  return HEADER_PREFIX + algorithm.toLowerCase()
}

/** What a request says its body's checksum is. `value` is absent when a trailer will bring it. */
export type AnnouncedChecksum = { readonly algorithm: DigestAlgorithm; readonly value?: string }

/**
 * The one checksum that a request announces, in a header or for its trailer.
 * @throws S3Error `InvalidRequest`, `InvalidChecksum`
 */
export function parseAnnouncedChecksum(headers: HttpHeaders): AnnouncedChecksum | undefined {
  const trailer = findHeader(headers, 'x-amz-trailer')?.trim().toLowerCase() ?? ''
  const announced: AnnouncedChecksum[] = []
  for (const name in headers) {
    const algorithm = ALGORITHM_OF_HEADER.get(name)
    if (algorithm === undefined) continue
    const value = name === trailer ? undefined : findHeader(headers, name)
    announced.push({
      algorithm,
      ...(value !== undefined && { value: checkValue(algorithm, value) }),
    })
  }
  const fromTrailer = ALGORITHM_OF_HEADER.get(trailer)
  if (fromTrailer !== undefined) announced.push({ algorithm: fromTrailer })
  if (announced.length > 1) {
    throw new S3Error('InvalidRequest', {
      message:
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    })
  }
  assertAnnounced(headers, announced[0]?.algorithm)
  return announced[0]
}

function assertAnnounced(headers: HttpHeaders, announced: DigestAlgorithm | undefined): void {
  const promised = findHeader(headers, 'x-amz-sdk-checksum-algorithm')
  if (promised === undefined) return
  const algorithm = parseAlgorithm(promised)
  if (announced === undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or ' +
        'x-amz-trailer headers were found.',
    })
  }
  if (algorithm !== announced) {
    throw new S3Error('InvalidRequest', {
      message: 'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    })
  }
}

/** @throws S3Error `InvalidRequest` */
export function parseAlgorithm(name: string): DigestAlgorithm {
  const algorithm = ALGORITHM_OF_HEADER.get(HEADER_PREFIX + name.toLowerCase())
  if (algorithm !== undefined) return algorithm
  throw new S3Error('InvalidRequest', {
    message:
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
      `[${DIGEST_ALGORITHMS.join(', ')}]`,
  })
}

function checkValue(algorithm: DigestAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === DIGEST_SIZE_BYTES[algorithm] && bytes.toString('base64') === value) {
    return value
  }
  throw new S3Error('InvalidChecksum', {
    message: `Value for ${checksumHeaderName(algorithm)} header is invalid.`,
  })
}

/** What CreateMultipartUpload asks for; the type follows from the algorithm unless it is named. */
export function parseUploadChecksum(
  headers: HttpHeaders,
): { readonly algorithm: DigestAlgorithm; readonly type: ChecksumType } | undefined {
  const name = findHeader(headers, 'x-amz-checksum-algorithm')
  const named = parseChecksumType(headers)
  if (name === undefined) {
    if (named === undefined) return undefined
    throw new S3Error('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with x-amz-checksum-algorithm.',
    })
  }
  const algorithm = parseAlgorithm(name)
  const type = named ?? (algorithm === 'CRC64NVME' ? 'full-object' : 'composite')
  if (type === 'full-object' ? !isCrcAlgorithm(algorithm) : algorithm === 'CRC64NVME') {
    throw new S3Error('InvalidRequest', {
      message:
        `The ${renderChecksumType(type)} checksum type cannot be used with the ` +
        `${algorithm.toLowerCase()} checksum algorithm.`,
    })
  }
  return { algorithm, type }
}

export function parseChecksumType(headers: HttpHeaders): ChecksumType | undefined {
  const value = findHeader(headers, 'x-amz-checksum-type')
  if (value === undefined) return undefined
  if (value === 'COMPOSITE') return 'composite'
  if (value === 'FULL_OBJECT') return 'full-object'
  throw new S3Error('InvalidRequest', {
    message: 'Value for x-amz-checksum-type header is invalid.',
  })
}

export function renderChecksumType(type: ChecksumType): string {
  return type === 'composite' ? 'COMPOSITE' : 'FULL_OBJECT'
}

export function checksumHeaders(checksum: Checksum | undefined): ResponseHeaders {
  if (checksum === undefined) return {}
  return {
    [checksumHeaderName(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': renderChecksumType(checksum.type),
  }
}

/** A part's checksum, which has no type. */
export function partChecksumHeaders(checksum: Checksum | undefined): ResponseHeaders {
  return checksum === undefined ? {} : { [checksumHeaderName(checksum.algorithm)]: checksum.value }
}

/** `ChecksumCRC32` and `ChecksumType`, for results that show an object. */
export function renderChecksum(checksum: Checksum | undefined): readonly Xml[] {
  if (checksum === undefined) return []
  return [
    xmlText(`Checksum${checksum.algorithm}`, checksum.value),
    xmlText('ChecksumType', renderChecksumType(checksum.type)),
  ]
}

/** The value alone, for results that show parts. */
export function renderPartChecksum(checksum: Checksum | undefined): Xml | undefined {
  return checksum && xmlText(`Checksum${checksum.algorithm}`, checksum.value)
}

/** Which algorithm, but not the value, for lists. */
export function renderChecksumAlgorithm(
  checksum: Pick<Checksum, 'algorithm' | 'type'> | undefined,
): Xml | undefined {
  if (checksum === undefined) return undefined
  return xmlFragment([
    xmlText('ChecksumAlgorithm', checksum.algorithm),
    xmlText('ChecksumType', renderChecksumType(checksum.type)),
  ])
}

/** The checksum of the result, when it is in a header of CompleteMultipartUpload. */
export function findResultChecksum(headers: HttpHeaders): string | undefined {
  for (const name of ALGORITHM_OF_HEADER.keys()) {
    const value = findHeader(headers, name)
    if (value !== undefined) return value
  }
  return undefined
}

/** The checksum that a part's element names, whichever algorithm it is. */
export function findChecksumText(element: XmlElement): string | undefined {
  for (const algorithm of DIGEST_ALGORITHMS) {
    const value = findChildText(element, `Checksum${algorithm}`)
    if (value !== undefined && value !== '') return value
  }
  return undefined
}
