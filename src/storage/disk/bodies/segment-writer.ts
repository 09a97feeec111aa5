import type { Random } from '../../../base/random.ts'
import {
  alignUp,
  type Descriptor,
  DESCRIPTOR_BYTES,
  encodeDescriptor,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
} from './descriptor.ts'
import type { SegmentPlace } from './bodies.ts'
import type { Disk } from './disk.ts'
import type { WriteErrors } from './disk-error.ts'
import type { DurableFolders } from './durable-folders.ts'
import { segmentsFolder } from './paths.ts'
import type { SegmentFiles } from './segment-files.ts'

/** An entry on its way to disk, but for the salt of the segment that will hold it. */
export type NewEntry = {
  readonly descriptor: Omit<Descriptor, 'salt' | 'dead'>
  readonly payload: Uint8Array
  readonly table: Uint8Array
  readonly record: Uint8Array
}

/** Appends entries. Those that wait while others are synced share the next write and sync. */
export interface SegmentWriter {
  /** Durable when it resolves; the entry's bytes belong to the writer until then. */
  append(entry: NewEntry): Promise<SegmentPlace>
  /** The segment that is being written to, if any is. */
  active(): number | undefined
  /** Segments end sooner from now on than the options say, or as late as they say. */
  limitTo(segmentBytes: number): void
  /** When it resolves, nothing is added any more to the segment that was active. */
  roll(): Promise<void>
  close(): Promise<void>
}

export type SegmentWriterOptions = {
  readonly folder: string
  readonly disk: Disk
  readonly segments: SegmentFiles
  readonly folders: DurableFolders
  readonly errors: WriteErrors
  readonly random: Random
  readonly segmentBytes: number
  /** Segments are never continued after a restart: a torn end stays what it is. */
  readonly firstSegment: number
}

/** What one write takes at most, so that nobody waits long behind a group. */
const GROUP_BYTES = 16 * 1024 * 1024
const PADDING = Buffer.alloc(8)

type Pending = {
  readonly entry: NewEntry
  readonly resolve: (place: SegmentPlace) => void
  readonly reject: (error: Error) => void
}
type Active = { readonly segment: number; readonly salt: bigint; end: number; named: boolean }

export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const { errors, segments } = options
  let { segmentBytes } = options
  const queue: Pending[] = []
  let active: Active | undefined
  let nextSegment = options.firstSegment
  let draining: Promise<void> | undefined
  let writing: Promise<void> = Promise.resolve()
  let ending = false

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      if (ending) active = undefined
      ending = false
      writing = writeGroup(takeGroup(queue, roomLeft()))
      await writing
    }
    draining = undefined
  }
  const roomLeft = (): number => Math.min(GROUP_BYTES, segmentBytes - (active?.end ?? 0))
  async function writeGroup(group: readonly Pending[]): Promise<void> {
    try {
      errors.assertWritable()
      active ??= await begin()
      const places = await appendAll(active, group)
      for (const [at, { resolve }] of group.entries()) resolve(places[at]!)
      if (active.end >= segmentBytes) active = undefined
    } catch (error) {
      const translated = errors.translate(error, 'a segment')
      for (const { reject } of group) reject(translated)
    }
  }
  async function begin(): Promise<Active> {
    const segment = nextSegment++
    await segments.create(segment)
    const salt = Buffer.from(options.random.bytes(8)).readBigUInt64BE()
    return { segment, salt, end: 0, named: false }
  }
  async function appendAll(
    target: Active,
    group: readonly Pending[],
  ): Promise<readonly SegmentPlace[]> {
    const { places, buffers, end } = layOut(target, group)
    await segments.use(target.segment, async (fd) => {
      await options.disk.files.write(fd, buffers, target.end).catch(async (error: unknown) => {
        await takeBack(target, fd)
        throw error
      })
      await makeDurable(target, fd)
    })
    target.end = end
    return places
  }
  async function makeDurable(target: Active, fd: number): Promise<void> {
    try {
      await options.disk.files.sync(fd)
      if (!target.named) await options.folders.sync(segmentsFolder(options.folder))
      target.named = true
    } catch (error) {
      // A failed sync is not repeated: what it was to write may be gone from memory. Nothing is
      // ever appended behind it either.
      active = undefined
      throw error
    }
  }
  /**
   * A full disk gets back what a half-written group took; if even that fails, the segment ends
   * here.
   */
  async function takeBack(target: Active, fd: number): Promise<void> {
    try {
      if (target.end > 0) return await options.disk.files.truncate(fd, target.end)
      active = undefined
      await segments.remove(target.segment)
    } catch {
      active = undefined
    }
  }
  return {
    append: (entry) =>
      new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject })
        draining ??= drain()
      }),
    active: () => (ending ? undefined : active?.segment),
    limitTo(bytes) {
      segmentBytes = Math.min(bytes, options.segmentBytes)
    },
    async roll() {
      ending = active !== undefined
      await writing
    },
    async close() {
      await draining
    },
  }
}

/** What fits into `roomBytes`, but at least one. */
function takeGroup(queue: Pending[], roomBytes: number): Pending[] {
  let bytes = 0
  const fitting = queue.findIndex(({ entry }) => (bytes += entryBytes(entry)) > roomBytes)
  return queue.splice(0, fitting === -1 ? queue.length : Math.max(1, fitting))
}

function entryBytes({ payload, table, record }: NewEntry): number {
  return alignUp(DESCRIPTOR_BYTES + payload.length + table.length + record.length)
}

function layOut(
  { segment, salt, end: start }: Active,
  group: readonly Pending[],
): {
  readonly places: readonly SegmentPlace[]
  readonly buffers: readonly Uint8Array[]
  readonly end: number
} {
  const buffers: Uint8Array[] = []
  let offset = start
  if (start === 0) {
    buffers.push(encodeSegmentHeader({ segment, salt }))
    offset = SEGMENT_HEADER_BYTES
  }
  const places = group.map(({ entry }) => {
    const { payload, table, record } = entry
    const length = entryBytes(entry)
    const padding = length - DESCRIPTOR_BYTES - payload.length - table.length - record.length
    const descriptor = encodeDescriptor({ ...entry.descriptor, salt, dead: false })
    buffers.push(descriptor, payload, table, record, PADDING.subarray(0, padding))
    const place = { kind: 'segment', segment, offset, length } as const
    offset += length
    return place
  })
  return { places, buffers: buffers.filter((buffer) => buffer.length > 0), end: offset }
}
