/**
 * How the stored parts of an upload become one object: which parts, in what order, and what its
 * ETag, size and checksum are. Pure; a store calls it inside the commit that completes the upload.
 */
import { combineCrc, isCrcAlgorithm } from '../base/combine-crc.ts'
import { createDigest, digestOf } from '../base/digest.ts'
import type { Checksum } from './checksum.ts'
import { LIMITS } from './limits.ts'
import type { CompleteOptions, Part, PartReference, Upload } from './object-store.ts'
import { StorageError } from './storage-error.ts'

/**
 * The parts that a completed upload consists of, as the store keeps them, and what they add up to.
 */
export type AssembledUpload<StoredPart extends Part> = {
  readonly parts: readonly StoredPart[]
  readonly size: number
  /** The MD5 of the parts' MD5s, then `-` and how many they are. */
  readonly etag: string
  readonly checksum?: Checksum
}

/** What the caller of `complete` asks for and expects. */
export type AssemblyRequest = Pick<CompleteOptions, 'checksum' | 'size'> & {
  readonly parts: readonly PartReference[]
}

/**
 * Picks the requested parts from the stored ones, which are found by number.
 * @throws StorageError `InvalidPart`, `InvalidPartOrder`, `PartTooSmall`, `BadChecksum`;
 * `InvalidArgument` when the size is not the expected one
 * @see S3 API Reference, CompleteMultipartUpload
 */
export function assembleUpload<StoredPart extends Part>(
  upload: Pick<Upload, 'uploadId' | 'checksum'>,
  stored: ReadonlyMap<number, StoredPart>,
  request: AssemblyRequest,
): AssembledUpload<StoredPart> {
  assertRisingOrder(request.parts)
  const parts = request.parts.map((reference) => pickPart(stored, reference))
  assertPartSizes(parts)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (request.size !== undefined && request.size !== size) {
    throw new StorageError(
      'InvalidArgument',
      `The parts have ${size} bytes together, not the announced ${request.size}.`,
      { details: { size } },
    )
  }
  const checksum = checksumOfParts(upload, parts)
  assertChecksum(request.checksum, checksum)
  return { parts, size, etag: etagOfParts(parts), ...(checksum && { checksum }) }
}

function assertRisingOrder(references: readonly PartReference[]): void {
  if (references.length === 0) {
    throw new StorageError('InvalidPart', 'An object needs at least one part; name the parts.')
  }
  references.reduce((before, { partNumber }) => {
    if (partNumber > before) return partNumber
    throw new StorageError(
      'InvalidPartOrder',
      `Part ${partNumber} is named after part ${before}; name the parts in rising order.`,
      { details: { partNumber } },
    )
  }, 0)
}

function pickPart<StoredPart extends Part>(
  stored: ReadonlyMap<number, StoredPart>,
  reference: PartReference,
): StoredPart {
  const part = stored.get(reference.partNumber)
  const isMeant =
    part?.etag === reference.etag &&
    (reference.checksum === undefined || reference.checksum === part.checksum?.value)
  if (part !== undefined && isMeant) return part
  throw new StorageError(
    'InvalidPart',
    `Part ${reference.partNumber} is not stored, or not with that ETag and checksum.`,
    { details: { partNumber: reference.partNumber, etag: reference.etag } },
  )
}

function assertPartSizes(parts: readonly Part[]): void {
  const tooSmall = parts.slice(0, -1).find((part) => part.size < LIMITS.partBytesMin)
  if (tooSmall === undefined) return
  throw new StorageError(
    'PartTooSmall',
    `Part ${tooSmall.partNumber} has ${tooSmall.size} bytes; only the last part may have fewer ` +
      `than ${LIMITS.partBytesMin}.`,
    {
      details: { partNumber: tooSmall.partNumber, size: tooSmall.size, etag: tooSmall.etag },
    },
  )
}

function etagOfParts(parts: readonly Part[]): string {
  const md5 = createDigest('MD5')
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'))
  return `${Buffer.from(md5.digest()).toString('hex')}-${parts.length}`
}

/** @see S3 User Guide, "Checking object integrity": composite and full object checksums */
function checksumOfParts(
  upload: Pick<Upload, 'uploadId' | 'checksum'>,
  parts: readonly Part[],
): Checksum | undefined {
  if (upload.checksum === undefined) return undefined
  const { algorithm, type } = upload.checksum
  const raw = parts.map((part) => rawChecksum(upload.checksum, part))
  if (type === 'composite') {
    const value = toBase64(digestOf(algorithm, Buffer.concat(raw)))
    return { algorithm, type, value: `${value}-${parts.length}` }
  }
  if (!isCrcAlgorithm(algorithm)) {
    throw new StorageError(
      'InvalidArgument',
      `${algorithm} cannot be combined over parts; ask for a composite checksum.`,
    )
  }
  const crcs = parts.map((part, at) => ({ crc: raw[at] ?? new Uint8Array(), sizeBytes: part.size }))
  return { algorithm, type, value: toBase64(combineCrc(algorithm, crcs)) }
}

function rawChecksum(wanted: Upload['checksum'], part: Part): Uint8Array {
  if (part.checksum !== undefined && part.checksum.algorithm === wanted?.algorithm) {
    return Buffer.from(part.checksum.value, 'base64')
  }
  throw new StorageError(
    'InvalidPart',
    `Part ${part.partNumber} has no ${wanted?.algorithm} checksum; send it again with one.`,
    { details: { partNumber: part.partNumber } },
  )
}

/** A composite checksum may be announced with or without its number of parts. */
function assertChecksum(announced: string | undefined, computed: Checksum | undefined): void {
  if (announced === undefined || computed === undefined) return
  if (announced === computed.value || announced === computed.value.replace(/-\d+$/, '')) return
  throw new StorageError(
    'BadChecksum',
    `The parts have the ${computed.algorithm} checksum ${computed.value}, not ${announced}.`,
  )
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** The refusal to begin one more. */
export function tooManyUploads(bucket: string): StorageError {
  return new StorageError(
    'TooManyUploads',
    `There are ${LIMITS.openUploads} open uploads in the bucket "${bucket}". Complete or abort some.`,
    { details: { bucket } },
  )
}
