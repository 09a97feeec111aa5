// A backup of a running store. The catalog is copied first, as it is at one moment; everything that
// it names was durable before and is never changed, and nothing is removed or moved until it is
// copied too. The other way round, the catalog would name what came after the copies were made.
import { copyFile, constants, link, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackupOptions, BackupReport } from '../../maintenance.ts'
import { isErrno } from '../bodies/disk.ts'
import { filePath, segmentPath } from '../bodies/paths.ts'
import { decodeNumber } from '../catalog/key-encoding.ts'
import { decodeBlobRow } from '../catalog/row-codecs.ts'
import { openTables } from '../catalog/tables.ts'
import { CATALOG_FOLDER, DESCRIPTION_FILE, syncFolder } from '../folder/store-folder.ts'
import {
  createManifest,
  hashFile,
  type ManifestWriter,
  readDescriptorCrc,
} from './backup-manifest.ts'
import { prepareEmptyFolder, syncFile } from './durable-copy.ts'
import { createPace, type Pace } from './pace.ts'
import { readPages } from './table-pages.ts'
import type { UpkeepState } from './upkeep-state.ts'

/** Compaction must not run meanwhile; removal of garbage is paused here. */
export async function backUp(
  state: UpkeepState,
  folder: string,
  options: BackupOptions,
): Promise<BackupReport> {
  await prepareEmptyFolder(folder)
  const pace = createPace(options, state.clock)
  const manifest = await createManifest(folder, new Date(state.clock.now()))
  const resume = state.garbage.pause()
  try {
    const target = createTarget({ from: state.folder, to: folder, manifest, pace })
    await target.makeFolder(CATALOG_FOLDER)
    await state.tables.environment.backup(join(folder, CATALOG_FOLDER), true)
    await target.addCopied(`${CATALOG_FOLDER}/data.mdb`)
    await copyBodies(folder, target)
    for (const companion of options.companions ?? []) {
      await companion.copyTo(join(folder, companion.name))
      await target.addCopied(companion.name)
    }
    await target.copy(DESCRIPTION_FILE)
    await target.sync()
    return { ...(await manifest.end()), linkedFiles: target.linkedFiles() }
  } finally {
    resume()
    await manifest.close()
  }
}

type BackupTarget = {
  makeFolder(path: string): Promise<void>
  copy(path: string): Promise<void>
  /**
   * For what is never changed in place: a second name for the same bytes where the disk is the
   * same.
   */
  linkOrCopy(path: string): Promise<void>
  /** Makes what lies in the target durable and notes it. */
  addCopied(path: string): Promise<void>
  /** Makes all names durable. */
  sync(): Promise<void>
  linkedFiles(): number
}

function createTarget(options: {
  readonly from: string
  readonly to: string
  readonly manifest: ManifestWriter
  readonly pace: Pace
}): BackupTarget {
  const { from, to, manifest, pace } = options
  const folders = new Set([''])
  let linked = 0
  const target: BackupTarget = {
    async makeFolder(path) {
      if (folders.has(path)) return
      if (dirname(path) !== '.') await target.makeFolder(dirname(path))
      await mkdir(join(to, path), { mode: 0o700 })
      folders.add(path)
    },
    async copy(path) {
      const source = join(from, path)
      await pace.spend(2 * (await stat(source)).size)
      await copyFile(source, join(to, path), constants.COPYFILE_FICLONE)
      await target.addCopied(path)
    },
    async linkOrCopy(path) {
      await target.makeFolder(dirname(path))
      if (await tryLink(join(from, path), join(to, path))) linked += 1
      else {
        await pace.spend(2 * (await stat(join(from, path))).size)
        await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)
        await syncFile(join(to, path))
      }
      const { size } = await stat(join(to, path))
      await manifest.add({ path, size, descriptorCrc: await readDescriptorCrc(join(to, path)) })
    },
    async addCopied(path) {
      await syncFile(join(to, path))
      const { size } = await stat(join(to, path))
      await manifest.add({ path, size, sha256: await hashFile(join(to, path)) })
    },
    async sync() {
      for (const path of folders) await syncFolder(join(to, path))
    },
    linkedFiles: () => linked,
  }
  return target
}

/** Copies everything that the copied catalog names. */
async function copyBodies(folder: string, target: BackupTarget): Promise<void> {
  const tables = openTables(join(folder, CATALOG_FOLDER))
  const segments = new Set<number>()
  try {
    for await (const rows of readPages(tables.blobs)) {
      for (const { key, value } of rows) {
        const { place } = decodeBlobRow(value)
        if (place.kind === 'segment') segments.add(place.segment)
        if (place.kind === 'file') await target.linkOrCopy(filePath('', decodeNumber(key)))
      }
    }
  } finally {
    await tables.environment.close()
  }
  // Segments are copied, never linked: the running store goes on to write to them and marks their
  // dead.
  if (segments.size > 0) await target.makeFolder('segments')
  for (const segment of segments) await target.copy(segmentPath('', segment))
}

async function tryLink(path: string, newPath: string): Promise<boolean> {
  try {
    await link(path, newPath)
    return true
  } catch (error) {
    if (isErrno(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) return false
    throw error
  }
}
