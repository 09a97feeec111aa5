import type { ByteRange } from '../../range.ts'
import { BLOCK_BYTES, blockCount, CHECKSUM_BYTES } from './block-checksum.ts'
import type { StoredBody } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { ChunkSource } from './byte-stream.ts'
import type { Disk } from './disk.ts'
import { damaged } from './disk-error.ts'
import { filePath } from './paths.ts'
import { assertBlocks, readError } from './segment-reader.ts'

export type FileReading = {
  readonly folder: string
  readonly disk: Disk
  readonly pool: BufferPool
}

export const CHUNK_BYTES = 1_048_576
const CHUNK_BLOCKS = CHUNK_BYTES / BLOCK_BYTES
/** How much of the table of checksums is in memory at once: that of 1 GiB. */
const TABLE_BLOCKS = 16_384

type Chunk = { readonly buffer: Buffer; readonly bytes: Uint8Array }
type TableSlice = { readonly firstBlock: number; readonly bytes: Buffer }

/**
 * A body that has a file of its own, 1 MiB at a time and one chunk ahead of its reader; block by
 * block, when many readers hold theirs.
 */
export function fileSource(body: StoredBody, range: ByteRange, reading: FileReading): ChunkSource {
  const { disk, pool } = reading
  const what = `the file of body ${body.id.toString(16)}`
  let nextBlock = Math.floor(range.start / BLOCK_BYTES)
  const endBlock = range.start === range.end ? nextBlock : blockCount(range.end)
  let fd: number | undefined
  let slice: TableSlice | undefined
  let current: Chunk | undefined
  let ahead: Promise<Chunk> | undefined

  async function readChunk(firstBlock: number, lastBlock: number): Promise<Chunk> {
    const start = firstBlock * BLOCK_BYTES
    const size = Math.min(lastBlock * BLOCK_BYTES, body.size) - start
    const buffer = pool.take(size)
    const bytes = buffer.subarray(0, size)
    try {
      fd ??= await disk.files.open(filePath(reading.folder, body.id), 'read')
      const table = await readChecked(fd, { firstBlock, lastBlock, bytes })
      assertBlocks(body.id, { bytes, table, firstBlock }, what)
    } catch (error) {
      pool.give(buffer)
      throw readError(error, what)
    }
    return { buffer, bytes: cut(bytes, start, range) }
  }
  /** Fills `bytes` and gives their checksums. */
  async function readChecked(
    file: number,
    chunk: { readonly firstBlock: number; readonly lastBlock: number; readonly bytes: Buffer },
  ): Promise<Buffer> {
    const { firstBlock, lastBlock, bytes } = chunk
    const start = firstBlock * BLOCK_BYTES
    if (body.size <= CHUNK_BYTES && start + bytes.length === body.size) {
      // The table follows the payload, so one call reads both.
      const table = Buffer.allocUnsafe(lastBlock * CHECKSUM_BYTES)
      await readAll(file, [bytes, table], start)
      return table.subarray(firstBlock * CHECKSUM_BYTES)
    }
    if (slice === undefined || lastBlock > slice.firstBlock + slice.bytes.length / CHECKSUM_BYTES) {
      slice = await readTable(file, firstBlock)
    }
    await readAll(file, [bytes], start)
    const from = (firstBlock - slice.firstBlock) * CHECKSUM_BYTES
    return slice.bytes.subarray(from, from + (lastBlock - firstBlock) * CHECKSUM_BYTES)
  }
  async function readTable(file: number, firstBlock: number): Promise<TableSlice> {
    const blocks = Math.min(TABLE_BLOCKS, endBlock - firstBlock)
    const bytes = Buffer.allocUnsafe(blocks * CHECKSUM_BYTES)
    await readAll(file, [bytes], body.size + firstBlock * CHECKSUM_BYTES)
    return { firstBlock, bytes }
  }
  async function readAll(file: number, buffers: readonly Buffer[], at: number): Promise<void> {
    const wanted = buffers.reduce((total, { length }) => total + length, 0)
    if ((await disk.files.read(file, buffers, at)) < wanted) throw damaged(`${what} is too short`)
  }
  function begin(): Promise<Chunk> | undefined {
    if (nextBlock >= endBlock) return undefined
    const lastBlock = Math.min(nextBlock + (pool.isTight() ? 1 : CHUNK_BLOCKS), endBlock)
    const chunk = readChunk(nextBlock, lastBlock)
    nextBlock = lastBlock
    // Whoever takes it sees the failure; until then nobody may be there to.
    chunk.catch(() => undefined)
    return chunk
  }
  return {
    async read() {
      const taken = ahead ?? begin()
      ahead = undefined
      if (current !== undefined) pool.give(current.buffer)
      current = undefined
      if (taken === undefined) return undefined
      current = await taken
      if (!pool.isTight()) ahead = begin()
      return current.bytes
    },
    async free() {
      const unread = await ahead?.catch(() => undefined)
      for (const chunk of [current, unread]) {
        if (chunk !== undefined) pool.give(chunk.buffer)
      }
      if (fd !== undefined) await disk.files.close(fd)
    },
  }
}

/** What of a chunk that begins at `start` lies in the range. */
function cut(bytes: Uint8Array, start: number, range: ByteRange): Uint8Array {
  return bytes.subarray(Math.max(0, range.start - start), Math.max(0, range.end - start))
}
