import { systemRandom } from '../../../base/random.ts'
import type { ByteRange } from '../../range.ts'
import { blockChecksum } from './block-checksum.ts'
import type {
  Bodies,
  BodyId,
  BodyPlace,
  DiskBodies,
  OpenBodiesOptions,
  StoredBody,
} from './bodies.ts'
import { createBodyFiles } from './body-files.ts'
import { type BufferPool, createBufferPool } from './buffer-pool.ts'
import { type ChunkSource, createByteStream } from './byte-stream.ts'
import { type Disk, isErrno, systemDisk } from './disk.ts'
import { createWriteErrors, damaged, type WriteErrors } from './disk-error.ts'
import { createDurableFolders, type DurableFolders } from './durable-folders.ts'
import { fileSource } from './file-reader.ts'
import { filePath, filesFolder, segmentsFolder } from './paths.ts'
import { copyEntry, createSegments, findSegments, markDead } from './segment-calls.ts'
import { createSegmentFiles, type SegmentFiles } from './segment-files.ts'
import { segmentSource } from './segment-reader.ts'
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts'
import { newEntry, type SegmentBodyCalls } from './small-body.ts'
import { writeBody } from './write-body.ts'

const SEGMENT_BYTES = 256 * 1024 * 1024
const OPEN_SEGMENTS = 128
const IDLE_BUFFER_BYTES = 32 * 1024 * 1024
/** The id of a manifest that the catalog gave none. */
const NO_ID = 0n

/** The parts that the calls below share. */
type Opened = {
  readonly folder: string
  readonly disk: Disk
  readonly pool: BufferPool
  readonly locate: (id: BodyId) => BodyPlace | undefined
  readonly errors: WriteErrors
  readonly folders: DurableFolders
  readonly segments: SegmentFiles
  readonly writer: SegmentWriter
}

/**
 * Opens the bodies below a store's folder; its sub-folders are made when missing. Segments from
 * before are read but not continued. The caller makes sure that no other process writes there.
 */
export async function openBodies(options: OpenBodiesOptions): Promise<DiskBodies> {
  const opened = await open(options)
  const { folder, disk, errors } = opened
  return {
    ...bodyCalls(opened),
    segments: createSegments(opened),
    files: createBodyFiles(folder, disk),
    async write(id, body) {
      errors.assertWritable()
      return writeBody(id, body, { ...opened, calls: segmentBodyCalls(opened) })
    },
    async close() {
      await opened.writer.close()
      await opened.segments.close()
    },
  }
}

async function open(options: OpenBodiesOptions): Promise<Opened> {
  const { folder, disk = systemDisk } = options
  const errors = createWriteErrors(options.fail)
  const folders = createDurableFolders(disk)
  await folders.ensure(segmentsFolder(folder))
  await folders.ensure(filesFolder(folder))
  const numbers = await findSegments(folder, disk)
  const segments = createSegmentFiles({ folder, disk, openLimit: OPEN_SEGMENTS })
  const writer = createSegmentWriter({
    folder,
    disk,
    segments,
    folders,
    errors,
    random: options.random ?? systemRandom,
    segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
    firstSegment: (numbers.at(-1) ?? 0) + 1,
  })
  const pool = options.pool ?? createBufferPool({ idleBytes: IDLE_BUFFER_BYTES })
  const locate = options.locate ?? (() => undefined)
  return { folder, disk, pool, locate, errors, folders, segments, writer }
}

function bodyCalls(opened: Opened): Pick<Bodies, 'writeManifest' | 'read' | 'release'> {
  const { folder, disk, errors, writer } = opened
  return {
    async writeManifest(record, id = NO_ID) {
      errors.assertWritable()
      return writer.append(newEntry({ kind: 'manifest', id, record }, Buffer.alloc(0)))
    },
    read: (body, range) => createByteStream(sourceOf(body, range, opened)),
    async release(id, place) {
      if (place.kind === 'segment') await markDead(id, place, opened)
      if (place.kind === 'file') await removeFile(disk, filePath(folder, id))
    },
  }
}

type Reading = Pick<Opened, 'folder' | 'disk' | 'pool' | 'locate' | 'segments'>

/** The bytes of a body, wherever they lie. */
export function sourceOf(body: StoredBody, range: ByteRange, reading: Reading): ChunkSource {
  const { place } = body
  switch (place.kind) {
    case 'inline':
      return inlineSource(body.id, place, range)
    case 'segment':
      return segmentSource({ ...body, place }, range, reading)
    case 'file':
      return fileSource(body, range, reading)
  }
}

function inlineSource(
  id: StoredBody['id'],
  { bytes, crc32c }: Extract<BodyPlace, { readonly kind: 'inline' }>,
  range: ByteRange,
): ChunkSource {
  let handedOut = range.start === range.end
  return {
    async read() {
      if (handedOut) return undefined
      handedOut = true
      if (blockChecksum(id, 0, bytes) !== crc32c) {
        throw damaged(`Body ${id.toString(16)} in the catalog is damaged`)
      }
      return bytes.subarray(range.start, range.end)
    },
    free: async () => undefined,
  }
}

function segmentBodyCalls(opened: Opened): SegmentBodyCalls {
  return {
    append: (entry) => opened.writer.append(entry),
    rewrite: (body, record) => copyEntry(body, record, opened),
    release: async (id, place) => {
      // A write that failed or was overtaken must not fail once more over a mere hint.
      if (place.kind === 'segment') await markDead(id, place, opened).catch(() => undefined)
    },
  }
}

async function removeFile(disk: Disk, path: string): Promise<void> {
  await disk.folders.removeFile(path).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error
  })
}
