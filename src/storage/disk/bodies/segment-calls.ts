// What is done to segments as a whole and to entries that already lie in them.
import type { BodyId, BodyPlace, BodyRecord, SegmentPlace, Segments, StoredBody } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import {
  DEAD_FLAG,
  DESCRIPTOR_BYTES,
  type DescriptorKind,
  findDescriptor,
  FLAGS_OFFSET,
} from './descriptor.ts'
import { type Disk, isErrno } from './disk.ts'
import { damaged } from './disk-error.ts'
import { findSegmentNumber, segmentPath, segmentsFolder } from './paths.ts'
import type { SegmentFiles } from './segment-files.ts'
import { describePlace, readEntry, readError, readRecord } from './segment-reader.ts'
import { scanSegment, walkSegment } from './segment-scan.ts'
import type { SegmentWriter } from './segment-writer.ts'
import { newEntry } from './small-body.ts'

export type SegmentCalls = {
  readonly folder: string
  readonly disk: Disk
  readonly pool: BufferPool
  readonly segments: SegmentFiles
  readonly writer: SegmentWriter
}

export function createSegments(calls: SegmentCalls): Segments {
  const { folder, disk, segments, writer } = calls
  return {
    async list() {
      const numbers = await findSegments(folder, disk)
      const found = await Promise.all(
        numbers.map(async (segment) => {
          const sizeBytes = await findSize(disk, segmentPath(folder, segment))
          return sizeBytes === undefined
            ? undefined
            : { segment, sizeBytes, active: segment === writer.active() }
        }),
      )
      return found.filter((segment) => segment !== undefined)
    },
    async *walk(segment) {
      const held = await segments.hold(segment)
      try {
        const endBytes = await disk.files.sizeOf(held.fd)
        yield* walkSegment(disk, { segment, fd: held.fd, endBytes })
      } finally {
        await held.release()
      }
    },
    limitTo: (segmentBytes) => writer.limitTo(segmentBytes),
    roll: () => writer.roll(),
    async *scan(segment) {
      // Taken for the whole walk, so that a removal meanwhile does not pull it away.
      const held = await segments.hold(segment)
      try {
        yield* scanSegment(disk, {
          segment,
          fd: held.fd,
          endBytes: await disk.files.sizeOf(held.fd),
        })
      } finally {
        await held.release()
      }
    },
    inspect: (body) => useWhole(body, calls, async ({ record }) => record),
    move: (body) => copyEntry(body, undefined, calls),
    async remove(segment) {
      if (segment === writer.active()) throw new Error(`Segment ${segment} is being written to.`)
      const newest = (await findSegments(folder, disk)).at(-1)
      // Numbers are never used twice, and the newest file is what a restart counts on from.
      if (segment === newest) await segments.use(segment, (fd) => disk.files.truncate(fd, 0))
      else await segments.remove(segment)
    },
  }
}

/** Undefined when a compaction removed the file meanwhile. */
async function findSize(disk: Disk, path: string): Promise<number | undefined> {
  try {
    return await disk.folders.sizeOf(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The numbers of all segments, rising. */
export async function findSegments(folder: string, disk: Disk): Promise<readonly number[]> {
  const names = await disk.folders.list(segmentsFolder(folder))
  return names
    .map(findSegmentNumber)
    .filter((segment) => segment !== undefined)
    .toSorted((one, other) => one - other)
}

/** Appends the entry once more, every byte of it checked, with `record` or the one that it has. */
export function copyEntry(
  body: StoredBody,
  record: BodyRecord | undefined,
  calls: SegmentCalls,
): Promise<BodyPlace> {
  return useWhole(body, calls, async ({ kind, payload, record: found }) =>
    calls.writer.append(newEntry({ kind, id: body.id, record: record ?? found }, payload)),
  )
}

type WholeEntry = {
  readonly kind: DescriptorKind
  readonly payload: Buffer
  readonly record: BodyRecord
}

/** Runs `act` with all that an entry holds, which was checked. @throws StorageError `Damaged` */
async function useWhole<Value>(
  { id, size, place }: StoredBody,
  { disk, pool, segments }: SegmentCalls,
  act: (entry: WholeEntry) => Promise<Value>,
): Promise<Value> {
  if (place.kind !== 'segment') throw new Error(`Body ${id} lies in no segment.`)
  const body = { id, size, place }
  const buffer = pool.take(size)
  const payload = buffer.subarray(0, size)
  const read = async (fd: number): Promise<WholeEntry> => {
    const descriptor = await readEntry(disk, fd, { body, payload })
    const record = await readRecord(disk, fd, { place, descriptor })
    if (record === undefined) throw damaged(`The record of ${describePlace(body)} is damaged`)
    return { kind: descriptor.kind, payload, record }
  }
  try {
    const entry = await segments.use(place.segment, read).catch((error: unknown) => {
      throw readError(error, describePlace(body))
    })
    return await act(entry)
  } finally {
    pool.give(buffer)
  }
}

/**
 * Sets the mark that tells `repair` to pass over the entry, if the place still holds that body:
 * after a restore it may hold another. Nothing depends on the mark, so it is not synced.
 */
export async function markDead(
  id: BodyId,
  place: SegmentPlace,
  { disk, segments }: SegmentCalls,
): Promise<void> {
  try {
    await segments.use(place.segment, async (fd) => {
      const head = Buffer.alloc(DESCRIPTOR_BYTES)
      await disk.files.read(fd, [head], place.offset)
      if (findDescriptor(head)?.id !== id) return
      await disk.files.write(fd, [Buffer.from([DEAD_FLAG])], place.offset + FLAGS_OFFSET)
    })
  } catch (error) {
    // The segment is gone and the entry with it, which is as dead as can be.
    if (!isErrno(error, 'ENOENT')) throw error
  }
}
