// The fixed 48 bytes that say what a body, manifest or segment is, and the record that they point
// to. Normative: docs/formats/bodies.md
import { crc32c } from '@node-rs/crc32'
import type { BodyId, BodyRecord } from './bodies.ts'

export const DESCRIPTOR_BYTES = 48
export const SEGMENT_HEADER_BYTES = 48
/** Entries in a segment begin at multiples of this. */
export const ALIGNMENT_BYTES = 8
/** Where in a descriptor the flags lie, the one byte that is ever changed in place. */
export const FLAGS_OFFSET = 6
export const DEAD_FLAG = 0x01

export type DescriptorKind = 'entry' | 'manifest' | 'file'

export type Descriptor = {
  readonly kind: DescriptorKind
  readonly dead: boolean
  readonly id: BodyId
  readonly sizeBytes: number
  readonly recordBytes: number
  readonly recordCrc: number
  readonly tableCrc: number
  /** The salt of the segment, so that a body which looks like entries is never taken for some. */
  readonly salt: bigint
}

export type SegmentHeader = { readonly segment: number; readonly salt: bigint }

const FORMAT_VERSION = 1
const MAGIC = Buffer.from('cofb', 'latin1')
const SEGMENT_MAGIC = Buffer.from('coffers\n', 'latin1')
const KIND_NUMBERS = { entry: 1, manifest: 2, file: 3 } as const
const KINDS = ['entry', 'manifest', 'file'] as const
const CRC_OFFSET = 44

export function encodeDescriptor(descriptor: Descriptor): Buffer {
  const bytes = Buffer.alloc(DESCRIPTOR_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt8(FORMAT_VERSION, 4)
  bytes.writeUInt8(KIND_NUMBERS[descriptor.kind], 5)
  bytes.writeBigUInt64BE(descriptor.id, 8)
  bytes.writeBigUInt64BE(BigInt(descriptor.sizeBytes), 16)
  bytes.writeUInt32BE(descriptor.recordBytes, 24)
  bytes.writeUInt32BE(descriptor.recordCrc, 28)
  bytes.writeUInt32BE(descriptor.tableCrc, 32)
  bytes.writeBigUInt64BE(descriptor.salt, 36)
  // The flags are still zero here, as the checksum wants them: setting one later keeps it valid.
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, CRC_OFFSET)), CRC_OFFSET)
  if (descriptor.dead) bytes.writeUInt8(DEAD_FLAG, FLAGS_OFFSET)
  return bytes
}

/** What the bytes say, or undefined when they are no intact descriptor of this format. */
export function findDescriptor(bytes: Buffer): Descriptor | undefined {
  if (bytes.length < DESCRIPTOR_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) return undefined
  const unflagged = Buffer.from(bytes.subarray(0, CRC_OFFSET))
  unflagged.writeUInt8(0, FLAGS_OFFSET)
  if (crc32c(unflagged) !== bytes.readUInt32BE(CRC_OFFSET)) return undefined
  const kind = kindOf(bytes.readUInt8(5))
  if (bytes.readUInt8(4) !== FORMAT_VERSION || kind === undefined) return undefined
  return {
    kind,
    dead: (bytes.readUInt8(FLAGS_OFFSET) & DEAD_FLAG) !== 0,
    id: bytes.readBigUInt64BE(8),
    sizeBytes: Number(bytes.readBigUInt64BE(16)),
    recordBytes: bytes.readUInt32BE(24),
    recordCrc: bytes.readUInt32BE(28),
    tableCrc: bytes.readUInt32BE(32),
    salt: bytes.readBigUInt64BE(36),
  }
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  SEGMENT_MAGIC.copy(bytes)
  bytes.writeUInt32BE(FORMAT_VERSION, 8)
  bytes.writeBigUInt64BE(BigInt(header.segment), 16)
  bytes.writeBigUInt64BE(header.salt, 24)
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, CRC_OFFSET)), CRC_OFFSET)
  return bytes
}

/** What the first bytes of a segment say, or undefined when they are no intact header. */
export function findSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  if (!bytes.subarray(0, SEGMENT_MAGIC.length).equals(SEGMENT_MAGIC)) return undefined
  if (crc32c(bytes.subarray(0, CRC_OFFSET)) !== bytes.readUInt32BE(CRC_OFFSET)) return undefined
  if (bytes.readUInt32BE(8) !== FORMAT_VERSION) return undefined
  return { segment: Number(bytes.readBigUInt64BE(16)), salt: bytes.readBigUInt64BE(24) }
}

/** The first multiple of the alignment that is not below `offset`. */
export function alignUp(offset: number): number {
  return Math.ceil(offset / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
}

function kindOf(number: number): DescriptorKind | undefined {
  return KINDS.find((kind) => KIND_NUMBERS[kind] === number)
}

export function encodeRecord(record: BodyRecord): Buffer {
  return Buffer.from(JSON.stringify(record))
}

/** The record in the bytes, or undefined when they are not what `crc` stands for. */
export function findRecord(bytes: Buffer, crc: number): BodyRecord | undefined {
  if (crc32c(bytes) !== crc) return undefined
  const record: unknown = JSON.parse(bytes.toString())
  return isRecord(record) ? record : undefined
}

function isRecord(value: unknown): value is BodyRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
