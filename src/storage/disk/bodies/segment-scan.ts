// Walks a segment without the catalog. Only lengths lead from entry to entry; where they are lost,
// the next descriptor that bears this segment's salt is searched, so no user's bytes are taken for
// entries.
import { crc32c } from '@node-rs/crc32'
import { blockCount, CHECKSUM_BYTES, findDamagedBlock } from './block-checksum.ts'
import type { ScannedEntry, SegmentPlace, WalkedEntry } from './bodies.ts'
import {
  ALIGNMENT_BYTES,
  alignUp,
  type Descriptor,
  DESCRIPTOR_BYTES,
  findDescriptor,
  findRecord,
  findSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from './descriptor.ts'
import type { Disk } from './disk.ts'

export type ScannedSegment = {
  readonly segment: number
  readonly fd: number
  /** How far to read; a segment that is written to may grow meanwhile. */
  readonly endBytes: number
}

const SEARCH_BYTES = 1_048_576

/** Everything in the segment, read and checked. */
export async function* scanSegment(
  disk: Disk,
  scanned: ScannedSegment,
): AsyncGenerator<ScannedEntry, void> {
  for await (const found of findEntries(disk, scanned)) {
    yield found.kind === 'gap' ? found : await readScanned(disk, scanned, found)
  }
}

/** The entries, as their descriptors tell. */
export async function* walkSegment(
  disk: Disk,
  scanned: ScannedSegment,
): AsyncGenerator<WalkedEntry, void> {
  for await (const found of findEntries(disk, scanned)) {
    if (found.kind === 'gap') continue
    const { descriptor, place } = found
    const stored = { id: descriptor.id, size: descriptor.sizeBytes, place }
    yield { stored, manifest: descriptor.kind === 'manifest' }
  }
}

type FoundEntry = {
  readonly kind: 'found'
  readonly descriptor: Descriptor
  readonly place: SegmentPlace
}
type Gap = Extract<ScannedEntry, { readonly kind: 'gap' }>

async function* findEntries(
  disk: Disk,
  scanned: ScannedSegment,
): AsyncGenerator<FoundEntry | Gap, void> {
  const { segment, endBytes } = scanned
  const salt = await readSalt(disk, scanned)
  if (!salt.proved) {
    yield { kind: 'gap', offset: 0, length: Math.min(SEGMENT_HEADER_BYTES, endBytes) }
  }
  const readAhead = openReadAhead(disk, scanned.fd)
  let offset = SEGMENT_HEADER_BYTES
  while (offset < endBytes) {
    const descriptor = findDescriptor(await readAhead(offset, DESCRIPTOR_BYTES))
    const length = descriptor === undefined ? 0 : entryLength(descriptor)
    const isOurs = descriptor !== undefined && descriptor.salt === salt.value
    if (isOurs && offset + length <= endBytes) {
      yield { kind: 'found', descriptor, place: { kind: 'segment', segment, offset, length } }
      offset += length
    } else {
      const next = await findNextEntry(disk, scanned, { after: offset, salt: salt.value })
      yield { kind: 'gap', offset, length: next - offset }
      offset = next
    }
  }
}

const AHEAD_BYTES = 1_048_576

/** Many entries lie within reach of one read, and on a busy server each read waits for its turn. */
function openReadAhead(
  disk: Disk,
  fd: number,
): (offset: number, length: number) => Promise<Buffer> {
  const ahead = Buffer.allocUnsafe(AHEAD_BYTES)
  let start = 0
  let end = 0
  return async (offset, length) => {
    if (offset < start || offset + length > end) {
      start = offset
      end = offset + (await disk.files.read(fd, [ahead], offset))
    }
    return ahead.subarray(offset - start, Math.min(offset + length, end) - start)
  }
}

function entryLength({ sizeBytes, recordBytes }: Descriptor): number {
  const tableBytes = blockCount(sizeBytes) * CHECKSUM_BYTES
  return alignUp(DESCRIPTOR_BYTES + sizeBytes + tableBytes + recordBytes)
}

/** The salt of the header, or of the first entry when the header is damaged. */
async function readSalt(
  disk: Disk,
  scanned: ScannedSegment,
): Promise<{ readonly value: bigint | undefined; readonly proved: boolean }> {
  const head = Buffer.alloc(SEGMENT_HEADER_BYTES)
  await disk.files.read(scanned.fd, [head], 0)
  const header = findSegmentHeader(head)
  if (header?.segment === scanned.segment) return { value: header.salt, proved: true }
  const first = await readDescriptor(disk, scanned, SEGMENT_HEADER_BYTES)
  return { value: first?.salt, proved: false }
}

async function readDescriptor(
  disk: Disk,
  { fd }: ScannedSegment,
  offset: number,
): Promise<Descriptor | undefined> {
  const head = Buffer.alloc(DESCRIPTOR_BYTES)
  await disk.files.read(fd, [head], offset)
  return findDescriptor(head)
}

async function readScanned(
  disk: Disk,
  { fd }: ScannedSegment,
  { descriptor, place }: FoundEntry,
): Promise<ScannedEntry> {
  const { offset, length } = place
  const { id, sizeBytes, recordBytes } = descriptor
  const bytes = Buffer.alloc(length - DESCRIPTOR_BYTES)
  await disk.files.read(fd, [bytes], offset + DESCRIPTOR_BYTES)
  const tableEnd = sizeBytes + blockCount(sizeBytes) * CHECKSUM_BYTES
  const table = bytes.subarray(sizeBytes, tableEnd)
  const record = findRecord(bytes.subarray(tableEnd, tableEnd + recordBytes), descriptor.recordCrc)
  const block = findDamagedBlock(id, 0, { bytes: bytes.subarray(0, sizeBytes), table })
  return {
    kind: 'entry',
    stored: { id, size: sizeBytes, place },
    manifest: descriptor.kind === 'manifest',
    dead: descriptor.dead,
    record,
    damage: describeDamage({ record, table, block, tableCrc: descriptor.tableCrc }),
  }
}

function describeDamage(entry: {
  readonly record: unknown
  readonly table: Buffer
  readonly block: number | undefined
  readonly tableCrc: number
}): string | undefined {
  if (crc32c(entry.table) !== entry.tableCrc) return 'the table of checksums is damaged'
  if (entry.block !== undefined) return `block ${entry.block} is damaged`
  return entry.record === undefined ? 'the record is damaged' : undefined
}

/** The offset of the next intact descriptor, or the end. */
async function findNextEntry(
  disk: Disk,
  scanned: ScannedSegment,
  search: { readonly after: number; readonly salt: bigint | undefined },
): Promise<number> {
  const window = Buffer.alloc(SEARCH_BYTES + DESCRIPTOR_BYTES)
  let start = search.after + ALIGNMENT_BYTES
  while (start < scanned.endBytes) {
    const count = await disk.files.read(scanned.fd, [window], start)
    for (let at = 0; at < Math.min(count, SEARCH_BYTES); at += ALIGNMENT_BYTES) {
      const descriptor = findDescriptor(window.subarray(at, Math.min(count, at + DESCRIPTOR_BYTES)))
      if (descriptor === undefined) continue
      if (search.salt === undefined || descriptor.salt === search.salt) return start + at
    }
    start += SEARCH_BYTES
  }
  return scanned.endBytes
}
