import { copyFile, constants, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RestoreReport } from '../../maintenance.ts'
import { StorageError } from '../../storage-error.ts'
import { createBodyFiles } from '../bodies/body-files.ts'
import { createBufferPool } from '../bodies/buffer-pool.ts'
import { createByteStream } from '../bodies/byte-stream.ts'
import { systemDisk } from '../bodies/disk.ts'
import { damaged } from '../bodies/disk-error.ts'
import { fileSource } from '../bodies/file-reader.ts'
import { findFileId } from '../bodies/paths.ts'
import { DESCRIPTION_FILE, syncFolder } from '../folder/store-folder.ts'
import { hashFile, type ManifestEntry, readDescriptorCrc, readManifest } from './backup-manifest.ts'
import { prepareEmptyFolder, syncFile } from './durable-copy.ts'

/**
 * Makes a store's folder from a backup; every byte was compared with the backup's checksums, and
 * all is durable, when it resolves. A restore that fails leaves a folder that no server opens.
 * @throws StorageError `UnknownFormat`, `Damaged`; `InvalidArgument` when the folder is not empty
 */
export async function restore(backup: string, folder: string): Promise<RestoreReport> {
  const entries = await readManifest(backup)
  await prepareEmptyFolder(folder)
  const folders = new Set([folder])
  // What makes the folder a store's comes last.
  const last = entries.filter(({ path }) => path === DESCRIPTION_FILE)
  const others = entries.filter(({ path }) => path !== DESCRIPTION_FILE)
  for (const entry of others) {
    await makeFolders(folder, { path: dirname(entry.path), folders })
    await restoreFile(backup, folder, entry)
  }
  for (const path of folders) await syncFolder(path)
  for (const entry of last) await restoreFile(backup, folder, entry)
  await syncFolder(folder)
  return { files: entries.length, bytes: entries.reduce((total, { size }) => total + size, 0) }
}

/**
 * Passes when one file of a finished backup is as it was made.
 * @throws StorageError `UnknownFormat`, `Damaged`
 */
export async function verifyBackup(backup: string, path: string): Promise<void> {
  const entry = (await readManifest(backup)).find((listed) => listed.path === path)
  if (entry !== undefined && (await isAsNoted(backup, entry))) return
  throw damagedBackup(backup, path)
}

async function makeFolders(
  folder: string,
  { path, folders }: { readonly path: string; readonly folders: Set<string> },
): Promise<void> {
  if (path === '.' || folders.has(join(folder, path))) return
  await makeFolders(folder, { path: dirname(path), folders })
  await mkdir(join(folder, path), { mode: 0o700 })
  folders.add(join(folder, path))
}

async function restoreFile(backup: string, folder: string, entry: ManifestEntry): Promise<void> {
  const target = join(folder, entry.path)
  await copyFile(join(backup, entry.path), target, constants.COPYFILE_FICLONE)
  const isWhole = (await stat(target)).size === entry.size && (await isAsNoted(folder, entry))
  if (!isWhole) {
    throw damagedBackup(backup, entry.path)
  }
  await syncFile(target)
}

function damagedBackup(backup: string, path: string): StorageError {
  return new StorageError('Damaged', `${path} in the backup ${backup} is damaged. Use another one.`)
}

async function isAsNoted(folder: string, entry: ManifestEntry): Promise<boolean> {
  const path = join(folder, entry.path)
  if (entry.sha256 !== undefined) return (await hashFile(path)) === entry.sha256
  if ((await readDescriptorCrc(path)) !== entry.descriptorCrc) return false
  await readBody(folder, basename(path))
  return true
}

/** Reads a body's file with all its checksums. @throws StorageError `Damaged` */
async function readBody(folder: string, name: string): Promise<void> {
  const id = findFileId(name)
  if (id === undefined) throw damaged(`The file ${name} belongs to no body`)
  const trailer = await createBodyFiles(folder, systemDisk).inspect(id)
  if (trailer === undefined) throw damaged(`The file ${name} is not whole`)
  const { size } = trailer
  const reading = { folder, disk: systemDisk, pool: POOL }
  const body = { id, size, place: { kind: 'file' } } as const
  const stream = createByteStream(fileSource(body, { start: 0, end: size }, reading))
  for (;;) {
    const { done } = await stream.next()
    if (done === true) return
  }
}

const POOL = createBufferPool({ idleBytes: 4 * 1024 * 1024 })
