import { join } from 'node:path'
import { blockCount, CHECKSUM_BYTES } from './block-checksum.ts'
import type { BodyFiles, BodyId } from './bodies.ts'
import { DESCRIPTOR_BYTES, findDescriptor, findRecord } from './descriptor.ts'
import type { Disk } from './disk.ts'
import { damaged } from './disk-error.ts'
import { FILES_PER_FOLDER, fileFolder, filePath, filesFolder } from './paths.ts'
import { findFileId, findFolderNumber } from './paths.ts'
import { readError } from './segment-reader.ts'

export function createBodyFiles(folder: string, disk: Disk): BodyFiles {
  return {
    async *list(floor) {
      for (const name of await disk.folders.list(filesFolder(folder))) {
        const number = findFolderNumber(name)
        if (number === undefined || number < floor / FILES_PER_FOLDER) continue
        for (const file of await disk.folders.list(join(filesFolder(folder), name))) {
          const id = findFileId(file)
          if (id !== undefined && id >= floor && fileFolder(folder, id).endsWith(name)) yield id
        }
      }
    },
    async inspect(id) {
      const what = `the file of body ${id.toString(16)}`
      try {
        const fd = await disk.files.open(filePath(folder, id), 'read')
        try {
          return await readTrailer(disk, { fd, id, what })
        } finally {
          await disk.files.close(fd)
        }
      } catch (error) {
        throw readError(error, what)
      }
    },
  }
}

async function readTrailer(
  disk: Disk,
  { fd, id, what }: { readonly fd: number; readonly id: BodyId; readonly what: string },
): ReturnType<BodyFiles['inspect']> {
  const fileBytes = await disk.files.sizeOf(fd)
  if (fileBytes < DESCRIPTOR_BYTES) return undefined
  const head = Buffer.alloc(DESCRIPTOR_BYTES)
  await disk.files.read(fd, [head], fileBytes - DESCRIPTOR_BYTES)
  const descriptor = findDescriptor(head)
  if (descriptor === undefined) return undefined
  const { sizeBytes, recordBytes, recordCrc } = descriptor
  const tableBytes = blockCount(sizeBytes) * CHECKSUM_BYTES
  const isWhole = fileBytes === sizeBytes + tableBytes + recordBytes + DESCRIPTOR_BYTES
  if (descriptor.id !== id || !isWhole) throw damaged(`Another body lies in ${what}`)
  const bytes = Buffer.alloc(recordBytes)
  await disk.files.read(fd, [bytes], sizeBytes + tableBytes)
  const record = findRecord(bytes, recordCrc)
  if (record === undefined) throw damaged(`The record in ${what} is damaged`)
  return { size: sizeBytes, record }
}
