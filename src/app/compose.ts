/** The architecture as code: store, storage, protocols. Only here are concrete ones named. */
import { join } from 'node:path'
import { calleeOf, type Callees } from '../base/calls/callee.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Meter } from '../base/metrics/meter.ts'
import type { Random } from '../base/random.ts'
import { createMetricsAnswer } from '../protocols/metrics/metrics.ts'
import type { Directory } from '../services/access/directory/directory.ts'
import {
  type DirectoryListeners,
  openDirectory,
} from '../services/access/directory/open-directory.ts'
import { directoryCallees } from '../services/access/directory-client/directory-callees.ts'
import { openDiskStore } from '../storage/disk/disk-store.ts'
import { repair } from '../storage/disk/repair/repair.ts'
import { restore } from '../storage/disk/upkeep/restore.ts'
import { openMemoryStore } from '../storage/memory/memory-store.ts'
import type { RepairReport, RestoreReport } from '../storage/maintenance.ts'
import { Storage } from '../storage/storage.ts'
import { maintenanceCallees } from '../storage/threads/maintenance-calls.ts'
import { storeCallees } from '../storage/threads/store-callees.ts'
import type { Tables } from '../tables/tables.ts'
import type { Foundation, ServedStore } from './compose-protocols.ts'
import type { Configuration } from './settings/settings.ts'
import { declareIdentities } from './declare-identities.ts'
import { makeFirstBuckets } from './first-buckets.ts'
import { TABLES_FILE, withTables } from './maintain-tables.ts'
import { openRootKeys, type FoundRootKeys, type RootKeys } from './root-keys.ts'

export type OpenFoundation = Foundation & {
  readonly store: OpenStore
  readonly rootKeys: FoundRootKeys
  scrape(): Promise<string>
  close(): Promise<void>
}

export type Surroundings = {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter?: Meter
}

type FoundationOptions = Surroundings & {
  readonly listeners?: DirectoryListeners
  /** All figures as text. */
  readonly scrape: () => Promise<string>
}

/** The store is open with what belongs to it; nobody answers yet. */
export async function openFoundation(
  configuration: Configuration,
  surroundings: FoundationOptions,
): Promise<OpenFoundation> {
  const { clock, random, scrape } = surroundings
  await using opened = new AsyncDisposableStack()
  const store = await openStore(configuration, surroundings)
  opened.defer(() => store.close())
  // After the store, whose lock keeps a second first start from making other keys.
  const rootKeys = await openRootKeys(configuration, random)
  const directory = await openIdentities(configuration, { rootKeys, store, ...surroundings })
  opened.defer(() => directory.close())
  await makeFirstBuckets(new Storage(store, { clock }), configuration)
  const closing = opened.move()
  return {
    store,
    directory,
    metrics: createMetricsAnswer({ scrape, token: configuration.metricsToken }),
    rootKeys,
    scrape,
    close: () => closing.disposeAsync(),
  }
}

/** The foundation, ready to be called from a thread that serves. */
export function foundationCallees(
  foundation: OpenFoundation,
  forgetSegment: (segment: number) => void,
): Callees {
  const { store, directory } = foundation
  return {
    ...storeCallees(store),
    ...directoryCallees(directory),
    ...(store.maintenance && maintenanceCallees(store.maintenance)),
    ...store.addReader?.(forgetSegment),
    'monitoring.scrape': calleeOf(foundation, 'scrape'),
    'store.isWritable': () => store.isWritable?.() ?? true,
  }
}

/** A folder is made from a backup. @throws StorageError `Damaged`, `InvalidArgument` */
export function restoreFolder(backup: string, folder: string): Promise<RestoreReport> {
  return restore(backup, folder)
}

/** A folder has a new catalog. @throws StorageError `StoreInUse`, `UnknownFormat`, `Damaged` */
export function repairFolder(
  folder: string,
  options: { readonly backup?: string },
): Promise<RepairReport> {
  return repair(folder, options)
}

type Kept = Surroundings & {
  readonly rootKeys: RootKeys
  readonly store: OpenStore
  readonly listeners?: DirectoryListeners
}

/** Who exists by the tables and the identities file. */
async function openIdentities(
  configuration: Configuration,
  { rootKeys, store, ...surroundings }: Kept,
): Promise<Directory> {
  const directory = await openDirectory({
    tables: store.tables,
    rootKeys: { accessKey: rootKeys.user, secret: rootKeys.password },
    ...surroundings,
  })
  try {
    await declareIdentities(configuration, { directory, log: surroundings.log })
    return directory
  } catch (error) {
    directory.close()
    throw error
  }
}

/** A store and the tables beside it. */
export type OpenStore = ServedStore & {
  readonly tables: Tables
  /** What a thread calls that reads the folder too. Absent when there is no folder. */
  addReader?(forgetSegment: (segment: number) => void): Callees
}

/** The store that the configuration names, open, with its tables. */
export async function openStore(
  configuration: Configuration,
  surroundings: Surroundings & { readonly mustExist?: true },
): Promise<OpenStore> {
  await using opened = new AsyncDisposableStack()
  const store = await openObjects(configuration, surroundings)
  opened.defer(() => store.close())
  // Not with the other imports: Kysely would take a third of the time of a command that needs none.
  const { IN_MEMORY, openTables } = await import('../tables/tables.ts')
  // After the store, whose lock keeps other processes from the folder.
  const path =
    configuration.store === 'memory' ? IN_MEMORY : join(configuration.folder, TABLES_FILE)
  const tables = await openTables({ path })
  opened.defer(() => tables.close())
  const closing = opened.move()
  return {
    ...store,
    tables,
    ...(store.maintenance && { maintenance: withTables(store.maintenance, tables) }),
    close: () => closing.disposeAsync(),
  }
}

type Objects = Omit<OpenStore, 'tables'>

async function openObjects(
  configuration: Configuration,
  { mustExist, ...surroundings }: Surroundings & { readonly mustExist?: true },
): Promise<Objects> {
  const { folder, reserveBytes } = configuration
  const feedLimit = {
    entries: configuration.feedEntriesMax,
    whenFull: configuration.feedWhenFull,
  }
  if (configuration.store === 'memory') return openMemoryStore({ ...surroundings, feedLimit })
  return openDiskStore({
    ...surroundings,
    folder,
    feedLimit,
    reserveBytes,
    ...(mustExist && { mustExist }),
  })
}
