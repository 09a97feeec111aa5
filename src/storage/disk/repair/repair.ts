/**
 * Rebuilds a catalog that is lost or damaged, from what lies beside the bytes in segments and files
 * and, for what lay in the catalog alone, from a backup. Nothing is guessed: what is not proved is
 * named.
 */
import { access, cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../base/clock.ts'
import type { RepairReport } from '../../maintenance.ts'
import { StorageError } from '../../storage-error.ts'
import type { DiskBodies } from '../bodies/bodies.ts'
import { isErrno } from '../bodies/disk.ts'
import { openBodies } from '../bodies/open-bodies.ts'
import { openTables, type Tables } from '../catalog/tables.ts'
import { lockFolder } from '../folder/folder-lock.ts'
import { CATALOG_FOLDER, DESCRIPTION_FILE, LOCK_FILE, syncFolder } from '../folder/store-folder.ts'
import { verifyBackup } from '../upkeep/restore.ts'
import { applyRecords } from './apply-records.ts'
import { loadBackup } from './load-backup.ts'
import { createModel, type RepairModel } from './repair-model.ts'
import { scanBodies } from './scan-bodies.ts'
import { settleModel } from './settle-model.ts'
import { setAside } from './unclaimed.ts'
import { writeCatalog } from './write-catalog.ts'

export type RepairOptions = {
  /** The folder of the last backup, if there is one. */
  readonly backup?: string
  readonly clock?: Clock
}

const NEW_CATALOG = 'catalog.repairing'
const BACKUP_CATALOG = 'catalog.backup'
const OLD_CATALOG = 'catalog.replaced'

/**
 * Gives the folder of a store that does not run a new catalog. The old one, if there is any, is
 * kept as
 * `catalog.replaced-<time>`; bytes that nothing claims are moved to `unclaimed`. A repair that is
 * broken off changes nothing and can be repeated.
 * @throws StorageError `StoreInUse`; `UnknownFormat` or `Damaged` for the backup
 */
export async function repair(folder: string, options: RepairOptions = {}): Promise<RepairReport> {
  await assertStore(folder)
  const lock = lockFolder(folder, join(folder, LOCK_FILE))
  const { clock = systemClock } = options
  try {
    const bodies = await open(folder)
    const backup = await openBackup(folder, options.backup)
    try {
      const now = new Date(clock.now())
      const { model, freeUnclaimed } = await rebuild(folder, { bodies, backup, now })
      await putInPlace(folder, now)
      await freeUnclaimed()
      return describe(model, backup)
    } finally {
      await backup?.environment.close()
      await bodies.close()
      await rm(join(folder, BACKUP_CATALOG), { recursive: true, force: true })
    }
  } finally {
    lock.release()
  }
}

async function assertStore(folder: string): Promise<void> {
  try {
    await access(join(folder, DESCRIPTION_FILE))
  } catch (error) {
    throw new StorageError(
      'UnknownFormat',
      `${folder} is no store: ${DESCRIPTION_FILE} is missing. Copy it from a backup if it is one.`,
      { cause: error },
    )
  }
}

function open(folder: string): Promise<DiskBodies> {
  // Whoever writes hears of the failure, and nobody goes on behind it.
  return openBodies({ folder, fail: () => undefined })
}

/** A copy is opened, for opening writes to the folder. */
async function openBackup(folder: string, backup: string | undefined): Promise<Tables | undefined> {
  if (backup === undefined) return undefined
  await verifyBackup(backup, `${CATALOG_FOLDER}/data.mdb`)
  const copy = join(folder, BACKUP_CATALOG)
  await rm(copy, { recursive: true, force: true })
  await cp(join(backup, CATALOG_FOLDER), copy, { recursive: true })
  return openTables(copy)
}

type Sources = {
  readonly bodies: DiskBodies
  readonly backup: Tables | undefined
  readonly now: Date
}

type Rebuilt = { readonly model: RepairModel; readonly freeUnclaimed: () => Promise<void> }

async function rebuild(folder: string, { bodies, backup, now }: Sources): Promise<Rebuilt> {
  const model = createModel()
  if (backup !== undefined) loadBackup(backup, model)
  const found = await scanBodies(bodies)
  model.unproved.push(...found.unproved)
  applyRecords(model, found)
  settleModel(model, found)
  const freeUnclaimed = await setAside(model, found, { folder, open, bodies })
  const path = join(folder, NEW_CATALOG)
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { mode: 0o700 })
  const tables = openTables(path)
  try {
    await writeCatalog(tables, { model, backup, highestBody: found.highestId, now })
  } finally {
    await tables.environment.close()
  }
  await syncFolder(path)
  return { model, freeUnclaimed }
}

async function putInPlace(folder: string, now: Date): Promise<void> {
  const catalog = join(folder, CATALOG_FOLDER)
  await rename(catalog, join(folder, `${OLD_CATALOG}-${now.getTime()}`)).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error
  })
  await rename(join(folder, NEW_CATALOG), catalog)
  await syncFolder(folder)
}

function describe(model: RepairModel, backup: Tables | undefined): RepairReport {
  const versions = [...model.versions.values()]
  const since = backup === undefined ? 'after they were stored' : 'since the backup'
  const message =
    `Changes of tags, locks and ACLs ${since} are unknown, and so are deletes of the last moments ` +
    'before the catalog was lost; writes that were never acknowledged may show.'
  return {
    buckets: model.buckets.size,
    versions: versions.length,
    uploads: model.uploads.size,
    fromBackup: versions.filter(({ source }) => source === 'backup').length,
    unproved: [{ message }, ...model.unproved],
  }
}
