/**
 * The reading half of an open store, for another thread of the process that has it open. It reads
 * the catalog as it is at each call, and pins what it streams with the thread that stores.
 */
import { join } from 'node:path'
import type {
  Buckets,
  Documents,
  GetOptions,
  Objects,
  StoreCapabilities,
  OpenedObject,
  Uploads,
  VersionName,
} from '../../object-store.ts'
import type { BodyId, BodyPlace } from '../bodies/bodies.ts'
import { openReadBodies } from './read-bodies.ts'
import { findPlace } from '../catalog/catalog.ts'
import { openTables } from '../catalog/tables.ts'
import { readBuckets, readDocuments } from '../disk-buckets.ts'
import { findOpened, readObjects } from '../disk-objects.ts'
import { DISK_CAPABILITIES, type ReadState } from '../disk-state.ts'
import { readUploads } from '../disk-uploads.ts'
import { CATALOG_FOLDER } from '../folder/store-folder.ts'
import { bodiesOf, isInCatalog, openBytes } from '../open-bytes.ts'
import { beginStream } from './begin-stream.ts'
import type { PinBodies } from './pins.ts'

export type DiskReaderOptions = {
  /** Of a store that this process has open. */
  readonly folder: string
  /** Keeps bodies on disk until the function it gives is called. */
  readonly pin: PinBodies
}

/** What of a store only reads. */
export type DiskReader = {
  readonly buckets: Pick<Buckets, 'get' | 'list'>
  readonly objects: Pick<Objects, 'get' | 'head' | 'list' | 'listVersions'>
  readonly uploads: Pick<Uploads, 'listParts' | 'list'>
  readonly documents: Pick<Documents, 'find' | 'list'>
  readonly capabilities: StoreCapabilities
  close(): Promise<void>
  /** A segment was deleted: its space is given back once nobody reads it. */
  forgetSegment(segment: number): Promise<void>
}

/** Reads see everything that was committed before they were asked for. */
export function openDiskReader({ folder, pin }: DiskReaderOptions): DiskReader {
  const tables = openTables(join(folder, CATALOG_FOLDER))
  // lmdb keeps a thread's read transaction for a while, which does not see what others commit.
  const renew = (): void => tables.environment.resetReadTxn()
  const locate = (id: BodyId): BodyPlace | undefined => {
    renew()
    return findPlace(tables, id)
  }
  const bodies = openReadBodies({ folder, locate })
  const garbage = { pin: () => () => undefined }
  const state: ReadState & { isOpen: boolean } = { tables, bodies, garbage, renew, isOpen: true }
  return {
    capabilities: DISK_CAPABILITIES,
    buckets: readBuckets(state),
    objects: {
      ...readObjects(state),
      get: (name, options) => open({ state, pin }, name, options),
    },
    uploads: readUploads(state),
    documents: readDocuments(state),
    forgetSegment: (segment) => bodies.forget(segment),
    async close() {
      state.isOpen = false
      await bodies.close()
      await tables.environment.close()
    },
  }
}

type Pinning = { readonly state: ReadState; readonly pin: PinBodies }

/**
 * An open file can be read to its end, whoever deletes it: a body in one piece needs no pin once
 * its first bytes are here. Of one in parts each is opened when its turn comes.
 */
async function open(
  { state, pin }: Pinning,
  name: VersionName,
  options: GetOptions,
): Promise<OpenedObject> {
  const { found, body } = findOpened(state, name, options)
  if (found.parts.length === 0) {
    const bytes = openBytes(state, body, found.range)
    if (isInCatalog(state.tables, body)) return { ...found, bytes }
    // What is gone by now, or damaged, is looked at once more.
    const begun = await beginStream(bytes).catch(() => undefined)
    if (begun !== undefined) return { ...found, bytes: begun }
  }
  return openPinned({ state, pin }, name, options)
}

/** What was found may be gone before it is pinned: it is found again once it was. */
async function openPinned(
  { state, pin }: Pinning,
  name: VersionName,
  options: GetOptions,
): Promise<OpenedObject> {
  for (;;) {
    const { body } = findOpened(state, name, options)
    const unpin = await pin(bodiesOf(state.tables, body))
    try {
      const again = findOpened(state, name, options)
      if (again.body === body) {
        const pinned = { ...state, garbage: { pin: () => unpin } }
        return { ...again.found, bytes: openBytes(pinned, body, again.found.range) }
      }
    } catch (error) {
      unpin()
      throw error
    }
    unpin()
  }
}
