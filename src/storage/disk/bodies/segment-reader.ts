import type { ByteRange } from '../../range.ts'
import { CHECKSUM_BYTES, blockCount, findDamagedBlock } from './block-checksum.ts'
import type { BodyId, BodyPlace, BodyRecord, SegmentPlace, StoredBody } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { ChunkSource } from './byte-stream.ts'
import { type Descriptor, DESCRIPTOR_BYTES, findDescriptor, findRecord } from './descriptor.ts'
import { type Disk, isErrno } from './disk.ts'
import { damaged } from './disk-error.ts'
import type { SegmentFiles } from './segment-files.ts'

type SegmentBody = StoredBody & { readonly place: SegmentPlace }

export type SegmentReading = {
  readonly disk: Disk
  readonly segments: SegmentFiles
  readonly pool: BufferPool
  readonly locate: (id: BodyId) => BodyPlace | undefined
}

/** A body that lies in a segment: at most 256 KiB, so it is read and checked as one piece. */
export function segmentSource(
  body: SegmentBody,
  range: ByteRange,
  reading: SegmentReading,
): ChunkSource {
  const { pool } = reading
  let buffer: Buffer | undefined
  let handedOut = range.start === range.end
  return {
    async read() {
      if (handedOut) return undefined
      handedOut = true
      buffer = pool.take(body.size)
      const payload = buffer.subarray(0, body.size)
      await readWherever(body, payload, reading)
      return payload.subarray(range.start, range.end)
    },
    async free() {
      if (buffer !== undefined) pool.give(buffer)
      buffer = undefined
    },
  }
}

/**
 * A compaction may have moved the body since its place was read: then its new place is asked for.
 */
async function readWherever(
  body: SegmentBody,
  payload: Buffer,
  { disk, segments, locate }: SegmentReading,
): Promise<void> {
  let { place } = body
  for (;;) {
    try {
      const read = { body: { ...body, place }, payload }
      await segments.use(place.segment, (fd) => readEntry(disk, fd, read))
      return
    } catch (error) {
      const now = locate(body.id)
      const isMoved = now?.kind === 'segment' && now.segment !== place.segment
      if (!isMoved) throw readError(error, describePlace({ ...body, place }))
      place = now
    }
  }
}

/**
 * Fills `payload` with the body's bytes, all of them checked, and gives the descriptor. @throws
 * StorageError `Damaged`
 */
export async function readEntry(
  disk: Disk,
  fd: number,
  read: {
    readonly body: SegmentBody
    readonly payload: Buffer
  },
): Promise<Descriptor> {
  const { body, payload } = read
  const head = Buffer.allocUnsafe(DESCRIPTOR_BYTES)
  const table = Buffer.allocUnsafe(blockCount(body.size) * CHECKSUM_BYTES)
  const wanted = head.length + payload.length + table.length
  const count = await disk.files.read(fd, [head, payload, table], body.place.offset)
  if (count < wanted) throw damaged(`The segment ends in the middle of ${describePlace(body)}`)
  const descriptor = findDescriptor(head)
  if (descriptor === undefined) throw damaged(`The descriptor of ${describePlace(body)} is damaged`)
  if (descriptor.id !== body.id || descriptor.sizeBytes !== body.size) {
    throw damaged(`Another body lies in the place of ${describePlace(body)}`)
  }
  assertBlocks(body.id, { bytes: payload, table }, describePlace(body))
  return descriptor
}

/** The record of an entry whose descriptor was read; undefined when it is damaged. */
export async function readRecord(
  disk: Disk,
  fd: number,
  read: { readonly place: SegmentPlace; readonly descriptor: Descriptor },
): Promise<BodyRecord | undefined> {
  const { sizeBytes, recordBytes, recordCrc } = read.descriptor
  const start = DESCRIPTOR_BYTES + sizeBytes + blockCount(sizeBytes) * CHECKSUM_BYTES
  const bytes = Buffer.alloc(recordBytes)
  await disk.files.read(fd, [bytes], read.place.offset + start)
  return findRecord(bytes, recordCrc)
}

/** @throws StorageError `Damaged` naming the first block that is not as it was written */
export function assertBlocks(
  id: BodyId,
  checked: { readonly bytes: Uint8Array; readonly table: Buffer; readonly firstBlock?: number },
  what: string,
): void {
  const block = findDamagedBlock(id, checked.firstBlock ?? 0, checked)
  if (block !== undefined) throw damaged(`Block ${block} of ${what} is damaged`)
}

/** A place that cannot be read is damage like wrong bytes, unless it is for want of open files. */
export function readError(error: unknown, what: string): unknown {
  if (isErrno(error, 'ENOENT')) return damaged(`${capital(what)} is missing`, error)
  if (isErrno(error, 'EIO')) return damaged(`The disk cannot read ${what}`, error)
  return error
}

export function describePlace({ id, place }: SegmentBody): string {
  return `body ${id.toString(16)} in segment ${place.segment.toString(16)} at ${place.offset}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
