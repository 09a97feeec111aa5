import { crc32c } from '@node-rs/crc32'
import { BLOCK_BYTES, checksumTable } from './block-checksum.ts'
import type { BodyId, BodyRecord } from './bodies.ts'
import type { BufferPool } from './buffer-pool.ts'
import { encodeDescriptor, encodeRecord } from './descriptor.ts'
import type { Disk } from './disk.ts'
import type { WriteErrors } from './disk-error.ts'
import type { DurableFolders } from './durable-folders.ts'
import { CHUNK_BYTES } from './file-reader.ts'
import { fileFolder, filePath } from './paths.ts'

/** A body's file in the making. */
export interface FileWriter {
  /** Takes `bytes` in before it resolves, so the caller may reuse them. */
  append(bytes: Uint8Array): Promise<void>
  /** Ends the file with the record and makes it durable. Again with another record: replaces it. */
  seal(record: BodyRecord): Promise<void>
  /** Removes the file. Never throws. */
  discard(): Promise<void>
  sizeBytes(): number
}

export type FileWriting = {
  readonly folder: string
  readonly disk: Disk
  readonly pool: BufferPool
  readonly folders: DurableFolders
  readonly errors: WriteErrors
}

export async function createFile(id: BodyId, writing: FileWriting): Promise<FileWriter> {
  const { folder, folders, errors } = writing
  const path = filePath(folder, id)
  try {
    await folders.ensure(fileFolder(folder, id))
    const fd = await writing.disk.files.open(path, 'create')
    return writeFile({ id, path, fd }, writing)
  } catch (error) {
    throw errors.translate(error, path)
  }
}

type NewFile = { readonly id: BodyId; readonly path: string; readonly fd: number }

function writeFile({ id, path, fd: created }: NewFile, writing: FileWriting): FileWriter {
  const { disk, pool, errors } = writing
  const tables: Buffer[] = []
  let fd: number | undefined = created
  let batch: Buffer | undefined
  let filled = 0
  let writtenBytes = 0
  let sealed = false
  let writingBatch: Promise<void> = Promise.resolve()

  async function guard(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      await discard()
      throw errors.translate(error, path)
    }
  }
  function noteBlocks(bytes: Uint8Array, position: number): void {
    tables.push(checksumTable(id, position / BLOCK_BYTES, bytes))
  }
  /** Hands the full batch to the disk, which works on it while the next one fills. */
  async function flush(full: Buffer): Promise<void> {
    const position = writtenBytes
    noteBlocks(full, position)
    writtenBytes += full.length
    batch = undefined
    filled = 0
    const before = writingBatch
    writingBatch = before
      .then(() => disk.files.write(created, [full], position))
      .finally(() => pool.give(full))
    writingBatch.catch(() => undefined)
    await before
  }
  async function take(bytes: Uint8Array): Promise<void> {
    let taken = 0
    while (taken < bytes.length) {
      batch ??= pool.take(pool.isTight() ? BLOCK_BYTES : CHUNK_BYTES)
      const piece = bytes.subarray(taken, taken + batch.length - filled)
      batch.set(piece, filled)
      filled += piece.length
      taken += piece.length
      if (filled === batch.length) await flush(batch)
    }
  }
  async function finish(record: BodyRecord): Promise<void> {
    await writingBatch
    const tail = batch?.subarray(0, filled) ?? Buffer.alloc(0)
    if (tail.length > 0) noteBlocks(tail, writtenBytes)
    const table = Buffer.concat(tables)
    const buffers = [tail, table, ...trailer(record, table)]
    await disk.files.write(
      created,
      buffers.filter((buffer) => buffer.length > 0),
      writtenBytes,
    )
    writtenBytes += tail.length
    filled = 0
    await Promise.all([disk.files.sync(created), writing.folders.sync(folderOf())])
    await release()
    sealed = true
  }
  async function replaceRecord(record: BodyRecord): Promise<void> {
    const table = Buffer.concat(tables)
    const end = trailer(record, table)
    const position = writtenBytes + table.length
    fd = await disk.files.open(path, 'read-write')
    // Longer or shorter than the last one: what stood there may not show behind the new end.
    await disk.files.truncate(fd, position)
    await disk.files.write(fd, end, position)
    await disk.files.sync(fd)
    await release()
  }
  function trailer(record: BodyRecord, table: Buffer): readonly Buffer[] {
    const bytes = encodeRecord(record)
    const descriptor = {
      kind: 'file',
      dead: false,
      id,
      sizeBytes: writtenBytes + filled,
      recordBytes: bytes.length,
      recordCrc: crc32c(bytes),
      tableCrc: crc32c(table),
      salt: 0n,
    } as const
    return [bytes, encodeDescriptor(descriptor)]
  }
  const folderOf = (): string => fileFolder(writing.folder, id)
  async function release(): Promise<void> {
    if (batch !== undefined) pool.give(batch)
    batch = undefined
    if (fd === undefined) return
    const open = fd
    fd = undefined
    await disk.files.close(open)
  }
  async function discard(): Promise<void> {
    await writingBatch.catch(() => undefined)
    // What cannot be removed now is an orphan that the next start sweeps.
    await release().catch(() => undefined)
    await disk.folders.removeFile(path).catch(() => undefined)
  }
  return {
    append: (bytes) => guard(() => take(bytes)),
    seal: (record) => guard(() => (sealed ? replaceRecord(record) : finish(record))),
    discard,
    sizeBytes: () => writtenBytes + filled,
  }
}
