/**
 * The embedded store: a folder with a catalog in lmdb, bodies in segments and files beside it, and
 * one process that has it open. docs/formats/disk-store.md says what lies where; draft.ts and
 * committer.ts are where every write ends.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../base/clock.ts'
import { silentLog, type Log } from '../../base/log.ts'
import { type Meter, silentMeter } from '../../base/metrics/meter.ts'
import { systemRandom, type Random } from '../../base/random.ts'
import type { Callees } from '../../base/calls/callee.ts'
import type { Maintenance } from '../maintenance.ts'
import { NOBODY, type FeedLimit } from '../change-feed.ts'
import type { ObjectStore } from '../object-store.ts'
import { createBodyNumbers, sweepOrphans } from './body-numbers.ts'
import { type Disk, systemDisk } from './bodies/disk.ts'
import { openBodies } from './bodies/open-bodies.ts'
import { findPlace } from './catalog/catalog.ts'
import { openTables, type Tables } from './catalog/tables.ts'
import { createCommitter, type Committer } from './catalog/committer.ts'
import { createBuckets, createDocuments } from './disk-buckets.ts'
import { createCommits } from './disk-commits.ts'
import { createFeedGate, findNewest, openDiskFeed } from './disk-feed.ts'
import { createObjects } from './disk-objects.ts'
import { DISK_CAPABILITIES, isOpenForWrites, type DiskState } from './disk-state.ts'
import { createUploads } from './disk-uploads.ts'
import { lockFolder } from './folder/folder-lock.ts'
import { createFreeSpace } from './folder/free-space.ts'
import { createGarbage, readGarbage } from './garbage.ts'
import { measuredDisk } from './metrics/measured-disk.ts'
import { readFigures } from './metrics/read-figures.ts'
import { watchGroups } from './metrics/watch-groups.ts'
import { createReaders, type ForgetSegment } from './reader/readers.ts'
import { createStamps } from './catalog/stamps.ts'
import { startMaintenance, type RunningMaintenance } from './upkeep/maintain.ts'
import {
  CATALOG_FOLDER,
  describeFolder,
  explainAccess,
  LOCK_FILE,
  prepareFolder,
  syncFolder,
  type FolderDescription,
} from './folder/store-folder.ts'

export type DiskStoreOptions = {
  /** Made when it is missing. */
  readonly folder: string
  /** Refuses a folder that is no store yet instead of making it one. */
  readonly mustExist?: true
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Log
  readonly meter?: Meter
  /** Without one the feed grows until it is trimmed. */
  readonly feedLimit?: FeedLimit
  /** Below so much free space, new bytes are refused; deletes go on. */
  readonly reserveBytes?: number
  /** A segment that has grown to this is followed by a new one. */
  readonly segmentBytes?: number
  /** Where bodies' calls of the file system go; tests put a disk there that fails. */
  readonly disk?: Disk
}

export type DiskStore = ObjectStore & {
  /** Given once, when the folder became a store. */
  readonly storeId: string
  readonly maintenance: Maintenance
  /** A thread that reads the folder with `openDiskReader` calls what is given. */
  addReader(forgetSegment: ForgetSegment): Callees
  /** Whether writes are taken; after a failed one, none are until a restart. */
  isWritable(): boolean
}

const RESERVE_BYTES = 67_108_864

/**
 * Opens the store in a folder; everything that was acknowledged before is there. Resolves after
 * what a crash left behind has been cleared away.
 * @throws StorageError `StoreInUse`, `ReadOnly`, `UnknownFormat`
 */
export async function openDiskStore(options: DiskStoreOptions): Promise<DiskStore> {
  const { folder } = options
  await prepareFolder(folder)
  const opened = new AsyncDisposableStack()
  try {
    const lock = lockFolder(folder, join(folder, LOCK_FILE))
    opened.defer(() => lock.release())
    const random = options.random ?? systemRandom
    const description = await describeFolder(folder, options.mustExist ? undefined : random.hex(16))
    // Small objects lie in there, and lmdb would let everybody read them.
    await mkdir(join(folder, CATALOG_FOLDER), { recursive: true, mode: 0o700 })
    const tables = openTables(join(folder, CATALOG_FOLDER))
    opened.defer(() => tables.environment.close())
    await syncNames(folder)
    const state = await openState(options, tables)
    opened.defer(() => state.bodies.close())
    await clearAway(state)
    return createStore(state, { ...options, description, opened })
  } catch (error) {
    await opened.disposeAsync()
    throw explainAccess(folder, error)
  }
}

/** lmdb syncs what is in its file, and leaves to us that the file's name lasts. */
async function syncNames(folder: string): Promise<void> {
  await syncFolder(join(folder, CATALOG_FOLDER))
  await syncFolder(folder)
}

async function openState(options: DiskStoreOptions, tables: Tables): Promise<DiskState> {
  const { folder, clock = systemClock, random = systemRandom, log = silentLog } = options
  const { meter = silentMeter, reserveBytes = RESERVE_BYTES } = options
  const readers = createReaders(() => state.garbage)
  const opened = await openBodies({
    folder,
    random,
    fail: (error) => state.committer.fail(error),
    locate: (id) => findPlace(tables, id),
    disk: measuredDisk(options.disk ?? systemDisk, meter, clock),
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  })
  const bodies = { ...opened, segments: readers.watch(opened.segments) }
  const committer = (): Committer => state.committer
  const numbers = createBodyNumbers(tables, committer)
  const garbage = createGarbage({ tables, bodies, committer, log })
  const feed = openDiskFeed(tables, committer)
  const stamps = createStamps({ last: findNewest(tables), clock, random })
  const state: DiskState = {
    clock,
    random,
    log,
    meter,
    tables,
    bodies,
    stamps,
    numbers,
    garbage,
    readers,
    feed,
    space: createFreeSpace({ folder, clock, reserveBytes }),
    committer: createCommitter({
      folder,
      tables,
      stamps,
      admitChange: createFeedGate(options.feedLimit),
      draftUpkeep: (draft) => numbers.draftReservation(draft),
      onCommitted({ freed, announced }) {
        if (freed.length > 0) garbage.add(freed)
        if (announced > 0) feed.wake()
      },
      watch: watchGroups(meter, clock),
    }),
    underWay: new Set(),
    isOpen: true,
  }
  return state
}

/** Removes what writes left behind that did not come to their end, and what was freed last. */
async function clearAway({ tables, bodies, garbage, log }: DiskState): Promise<void> {
  const orphans = await sweepOrphans(tables, bodies)
  if (orphans > 0) log.info('removed files of unfinished writes', { files: orphans })
  garbage.add(readGarbage(tables))
}

type Opened = Pick<DiskStoreOptions, 'folder' | 'reserveBytes'> & {
  readonly description: FolderDescription
  /** Closes what was opened, last things first. */
  readonly opened: AsyncDisposableStack
}

function createStore(state: DiskState, options: Opened): DiskStore {
  const { folder, reserveBytes = RESERVE_BYTES, description, opened } = options
  const { storeId } = description
  const maintenance = startMaintenance({ ...state, folder, reserveBytes, storeId })
  const isWritable = (): boolean => isOpenForWrites(state)
  readFigures(state, { folder, reserveBytes, isWritable })
  let closing: Promise<void> | undefined
  return {
    isWritable,
    addReader: (forgetSegment) => state.readers.add(forgetSegment),
    storeId,
    capabilities: DISK_CAPABILITIES,
    buckets: createBuckets(state),
    objects: createObjects(state),
    uploads: createUploads(state),
    documents: createDocuments(state),
    commits: createCommits(state),
    changes: state.feed,
    maintenance,
    close() {
      closing ??= close(state, { opened, maintenance })
      return closing
    },
  }
}

type Closing = Pick<Opened, 'opened'> & { readonly maintenance: RunningMaintenance }

async function close(state: DiskState, { opened, maintenance }: Closing): Promise<void> {
  state.isOpen = false
  await maintenance.stop()
  state.feed.close()
  await Promise.allSettled(state.underWay)
  await state.garbage.close()
  await state.committer.drain()
  await state.committer
    .commit(NOBODY, (draft) => state.numbers.draftClean(draft))
    .catch((error: unknown) => state.log.warn('closed without a last commit', { error }))
  await opened.disposeAsync()
}
