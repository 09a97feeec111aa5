// How rows are ordered on disk; docs/formats/disk-store.md is the contract. All keys are compared
// byte by byte.

/** Bytes from one place up to, not including, another. */
export type KeyRange = { readonly start: Buffer; readonly end: Buffer }

const BUCKET_BYTES = 4
const SEQUENCE_BYTES = 8
const KEY_END = 0x00
const HIGHEST_SEQUENCE = 0xffff_ffff_ffff_ffffn

/** Eight bytes, highest first, so that numbers sort as their bytes. */
export function encodeNumber(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

export function decodeNumber(bytes: Buffer): bigint {
  return bytes.readBigUInt64BE()
}

/** A key of `current` and `documents`: bucket, then the text as it is. */
export function encodeName(bucketId: number, name: string): Buffer {
  const size = Buffer.byteLength(name)
  const bytes = Buffer.allocUnsafe(BUCKET_BYTES + size)
  bytes.writeUInt32BE(bucketId)
  bytes.write(name, BUCKET_BYTES)
  return bytes
}

export function decodeName(
  bytes: Buffer,
  { start = 0, end = bytes.length }: { readonly start?: number; readonly end?: number } = {},
): string {
  return bytes.toString('utf8', start + BUCKET_BYTES, end)
}

/** Every row of a bucket, in any table whose keys begin with one. */
export function rangeOfBucket(bucketId: number): KeyRange {
  return { start: encodeBucket(bucketId), end: encodeBucket(bucketId + 1) }
}

/**
 * Where the rows of `key`, and of all keys that sort after it, begin in tables that hold many rows
 * per key. Each byte of the key is stored plus one: UTF-8 never uses 0xFF, and 0x00 is free to end
 * the key.
 */
export function encodeKeyStart(bucketId: number, key: string): Buffer {
  return encodeShifted({ bucketId, key, extraBytes: 0 })
}

/** The bytes that all rows of exactly this key begin with; a key of `nulls`. */
export function encodeWholeKey(bucketId: number, key: string): Buffer {
  const bytes = encodeShifted({ bucketId, key, extraBytes: 1 })
  bytes[bytes.length - 1] = KEY_END
  return bytes
}

/** All rows of one key. */
export function rangeOfKey(bucketId: number, key: string): KeyRange {
  const start = encodeWholeKey(bucketId, key)
  const end = Buffer.from(start)
  end[end.length - 1] = KEY_END + 1
  return { start, end }
}

/** A key of `versions`: of two versions of a key, the newer sorts first. */
export function encodeVersionKey(bucketId: number, key: string, sequence: bigint): Buffer {
  const bytes = encodeShifted({ bucketId, key, extraBytes: 1 + SEQUENCE_BYTES })
  const end = bytes.length - SEQUENCE_BYTES
  bytes[end - 1] = KEY_END
  bytes.writeBigUInt64BE(HIGHEST_SEQUENCE - sequence, end)
  return bytes
}

export function decodeVersionKey(bytes: Buffer): {
  readonly key: string
  readonly sequence: bigint
} {
  const end = bytes.length - SEQUENCE_BYTES
  const sequence = HIGHEST_SEQUENCE - bytes.readBigUInt64BE(end)
  return { key: decodeShifted(bytes, end - 1), sequence }
}

const UPLOAD_ID_BYTES = 16
const HIGHEST_PART_NUMBER = 0xffff

/** A key of `uploads`: by object key, then by upload id. */
export function encodeUploadKey(bucketId: number, key: string, uploadId: string): Buffer {
  const bytes = encodeShifted({ bucketId, key, extraBytes: 1 + UPLOAD_ID_BYTES })
  const end = bytes.length - UPLOAD_ID_BYTES
  bytes[end - 1] = KEY_END
  bytes.write(uploadId, end, 'hex')
  return bytes
}

export function decodeUploadKey(bytes: Buffer): {
  readonly key: string
  readonly uploadId: string
} {
  const end = bytes.length - UPLOAD_ID_BYTES
  return {
    key: decodeShifted(bytes, end - 1),
    uploadId: bytes.toString('hex', end),
  }
}

/** A key of `parts`; part numbers end at 10,000, so two bytes hold them. */
export function encodePartKey(uploadId: string, partNumber: number): Buffer {
  const bytes = Buffer.allocUnsafe(UPLOAD_ID_BYTES + 2)
  bytes.write(uploadId, 'hex')
  bytes.writeUInt16BE(partNumber, UPLOAD_ID_BYTES)
  return bytes
}

/** The parts of an upload whose number is higher than `after`. */
export function rangeOfParts(uploadId: string, after: number): KeyRange {
  return {
    start: encodePartKey(uploadId, Math.min(after + 1, HIGHEST_PART_NUMBER)),
    end: encodePartKey(uploadId, HIGHEST_PART_NUMBER),
  }
}

export function decodePartNumber(bytes: Buffer): number {
  return bytes.readUInt16BE(UPLOAD_ID_BYTES)
}

function encodeBucket(bucketId: number): Buffer {
  const bytes = Buffer.allocUnsafe(BUCKET_BYTES)
  bytes.writeUInt32BE(bucketId)
  return bytes
}

function encodeShifted(row: {
  readonly bucketId: number
  readonly key: string
  readonly extraBytes: number
}): Buffer {
  const size = Buffer.byteLength(row.key)
  const bytes = Buffer.allocUnsafe(BUCKET_BYTES + size + row.extraBytes)
  bytes.writeUInt32BE(row.bucketId)
  bytes.write(row.key, BUCKET_BYTES)
  for (let at = BUCKET_BYTES; at < BUCKET_BYTES + size; at += 1) bytes[at] = (bytes[at] ?? 0) + 1
  return bytes
}

function decodeShifted(bytes: Buffer, end: number): string {
  const text = Buffer.allocUnsafe(end - BUCKET_BYTES)
  for (let at = 0; at < text.length; at += 1) text[at] = (bytes[at + BUCKET_BYTES] ?? 0) - 1
  return text.toString('utf8')
}
