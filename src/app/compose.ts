/** The architecture as code: store, storage, protocols. Only here are concrete ones named. */
import { join } from 'node:path'
import { calleeOf, type Callees } from '../base/calls/callee.ts'
import type { Caller as ThreadCaller } from '../base/calls/caller.ts'
import type { ReviveErrors } from '../base/calls/sent-errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Meter } from '../base/metrics/meter.ts'
import type { Random } from '../base/random.ts'
import { ADMIN_PREFIX, createAdmin } from '../protocols/admin/admin.ts'
import { findHostedBucket } from '../protocols/http/proxy/virtual-host.ts'
import {
  type AuthenticatorOptions,
  createAuthenticator,
} from '../protocols/http/signature/authenticate.ts'
import { createFormAuthenticator } from '../protocols/http/signature/form-signature.ts'
import type { HttpRequest } from '../protocols/http/request.ts'
import type { HttpServerOptions } from '../protocols/http/server.ts'
import { createMetricsAnswer, METRICS_PATH } from '../protocols/metrics/metrics.ts'
import { createHealth, HEALTH_PREFIX } from '../protocols/minio/health.ts'
import { createS3 } from '../protocols/s3/s3.ts'
import { createDecide } from '../services/access/decide.ts'
import type { Directory, FoundKey } from '../services/access/directory/directory.ts'
import {
  type DirectoryListeners,
  openDirectory,
} from '../services/access/directory/open-directory.ts'
import { directoryCallees } from '../services/access/directory-client/directory-callees.ts'
import { createDirectoryClient } from '../services/access/directory-client/directory-client.ts'
import { DIRECTORY_ERRORS } from '../services/access/directory-client/directory-errors.ts'
import { DISK_CAPABILITIES, openDiskStore } from '../storage/disk/disk-store.ts'
import { openDiskReader } from '../storage/disk/reader/disk-reader.ts'
import { pinOver } from '../storage/disk/reader/pins.ts'
import { repair } from '../storage/disk/repair/repair.ts'
import { restore } from '../storage/disk/upkeep/restore.ts'
import { openMemoryStore } from '../storage/memory/memory-store.ts'
import type { Maintenance, RepairReport, RestoreReport } from '../storage/maintenance.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { Storage } from '../storage/storage.ts'
import {
  createMaintenanceClient,
  maintenanceCallees,
} from '../storage/threads/maintenance-calls.ts'
import { storeCallees } from '../storage/threads/store-callees.ts'
import { createStoreClient } from '../storage/threads/store-client.ts'
import { STORE_ERRORS } from '../storage/threads/store-errors.ts'
import type { Tables } from '../tables/tables.ts'
import type { Configuration } from './settings/settings.ts'
import { declareIdentities } from './declare-identities.ts'
import { makeFirstBuckets } from './first-buckets.ts'
import { TABLES_FILE, withTables } from './maintain-tables.ts'
import { openRootKeys, type FoundRootKeys, type RootKeys } from './root-keys.ts'

type Answer = HttpServerOptions['handle']

/** What protocols stand on: of this thread, or of another one that is called. */
export type Foundation = {
  readonly store: ServedStore
  readonly directory: Directory
}

/** A store as protocols use it; its upkeep when it keeps something on disk. */
export type ServedStore = ObjectStore & {
  readonly maintenance?: Maintenance
  /** False from a failed write to the restart that it takes. Always true when absent. */
  isWritable?(): boolean | Promise<boolean>
}

export type OpenFoundation = Foundation & {
  readonly store: OpenStore
  readonly rootKeys: FoundRootKeys
  close(): Promise<void>
}

/** Everything that a server answers with. */
export type Protocols = {
  readonly answer: Answer
  readonly renderFailure: HttpServerOptions['renderFailure']
  /** Probes and operators must reach a server that has too much to do. */
  readonly isAlwaysAnswered: (request: HttpRequest) => boolean
  /** Answers at an address that metrics have to themselves. */
  readonly metrics: Answer
  /** Ends the answers that would go on for ever. */
  endStreams(): void
}

export type Surroundings = {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter?: Meter
}

/** A protocol that answers below a prefix; S3 has every other path. */
type Mount = { readonly prefix: string; readonly answer: Answer }

/** The store is open with what belongs to it; nobody answers yet. */
export async function openFoundation(
  configuration: Configuration,
  surroundings: Surroundings & { readonly listeners?: DirectoryListeners },
): Promise<OpenFoundation> {
  const { clock, random } = surroundings
  await using opened = new AsyncDisposableStack()
  const store = await openStore(configuration, surroundings)
  opened.defer(() => store.close())
  // After the store, whose lock keeps a second first start from making other keys.
  const rootKeys = await openRootKeys(configuration, random)
  const directory = await openIdentities(configuration, { rootKeys, store, ...surroundings })
  opened.defer(() => directory.close())
  await makeFirstBuckets(new Storage(store, { clock }), configuration)
  const closing = opened.move()
  return { store, directory, rootKeys, close: () => closing.disposeAsync() }
}

/** The foundation, ready to be called from a thread that serves. */
export function foundationCallees(
  { store, directory }: OpenFoundation,
  forgetSegment: (segment: number) => void,
): Callees {
  return {
    ...storeCallees(store),
    ...directoryCallees(directory),
    ...(store.maintenance && maintenanceCallees(store.maintenance)),
    ...store.addReader?.(forgetSegment),
    'store.isWritable': () => store.isWritable?.() ?? true,
  }
}

export type ConnectedFoundation = Foundation & {
  /** What the thread with the foundation tells this one. */
  readonly callees: Callees
  close(): Promise<void>
}

/** The foundation of a thread that serves: it reads by itself, and calls for the rest. */
export function connectFoundation(
  caller: ThreadCaller,
  { folder, clock }: { readonly folder: string; readonly clock: Clock },
): ConnectedFoundation {
  const reader = openDiskReader({ folder, pin: pinOver(caller) })
  const store = createStoreClient({ caller, reader, capabilities: DISK_CAPABILITIES })
  const directory = createDirectoryClient(caller, clock)
  return {
    store: {
      ...store,
      maintenance: createMaintenanceClient(caller),
      isWritable: () => caller.call({ name: 'store.isWritable', args: [] }),
    },
    directory,
    callees: {
      'directory.changed': calleeOf(directory.news, 'changed'),
      'directory.seen': calleeOf(directory.news, 'seen'),
      'reader.forgetSegment': calleeOf(reader, 'forgetSegment'),
    },
    close: () => store.close(),
  }
}

/** The errors whose classes protocols act on, made again from what another thread sent. */
export const FOUNDATION_ERRORS: ReviveErrors = { ...STORE_ERRORS, ...DIRECTORY_ERRORS }

/** What the program that answers is. */
export type Program = {
  readonly version: string
  readonly startedAt: Date
  /** How many threads answer requests. */
  readonly threads: number
}

type Served = Pick<Surroundings, 'clock' | 'log'> & {
  /** All figures as text. */
  readonly scrape: () => Promise<string>
  readonly program: Program
}

/** What it takes to answer requests is made; nothing listens yet. */
export function composeProtocols(
  { store, directory }: Foundation,
  configuration: Configuration,
  served: Served,
): Protocols {
  const { clock, log } = served
  const { region, publicUrl, domain: domains, signatureV2, newBuckets } = configuration
  const storage = new Storage(store, { clock })
  const stopping = new AbortController()
  const authentication: AuthenticatorOptions<FoundKey> = {
    findKey: directory.findKey,
    region,
    publicUrl,
    domains,
    signatureV2,
    clock,
  }
  const authenticate = createAuthenticator(authentication)

  const accounts = directory.owners
  const decide = createDecide({ storage, accounts })
  const s3 = createS3({
    storage,
    authenticate,
    authenticateForm: createFormAuthenticator(authentication),
    decide,
    site: { accounts, region, newBuckets, domains, publicUrl },
    clock,
    log,
  })
  const metrics = createMetricsAnswer({ scrape: served.scrape, token: configuration.metricsToken })
  const mounts: readonly Mount[] = [
    ...mountProbes(configuration, { store, metrics, stopping: stopping.signal }),
    {
      prefix: ADMIN_PREFIX,
      answer: createAdmin({
        changes: storage.changes,
        maintenance: store.maintenance,
        program: served.program,
        authenticate,
        directory,
        buckets: storage.buckets,
        decide,
        clock,
        log,
        stopping: stopping.signal,
      }),
    },
  ]
  return {
    answer: dispatch(mounts, { otherwise: (request) => s3.handle(request), domains }),
    renderFailure: (failure) => s3.renderFailure(failure),
    isAlwaysAnswered: (request) => findMount(request, { mounts, domains }) !== undefined,
    metrics,
    endStreams: () => stopping.abort(),
  }
}

type Probed = {
  readonly store: ServedStore
  readonly metrics: Answer
  readonly stopping: AbortSignal
}

/** What is asked without a signature: load balancers, Prometheus. */
function mountProbes(
  { metrics: place }: Configuration,
  { store, metrics, stopping }: Probed,
): readonly Mount[] {
  const isReady = async (): Promise<boolean> =>
    !stopping.aborted && (await store.isWritable?.()) !== false
  const probes: Mount[] = [{ prefix: HEALTH_PREFIX, answer: createHealth({ isReady }) }]
  if (place === METRICS_PATH) {
    probes.push({ prefix: METRICS_PATH, answer: metrics })
  }
  return probes
}

type Rest = { readonly otherwise: Answer; readonly domains: readonly string[] }

function dispatch(mounts: readonly Mount[], { otherwise, domains }: Rest): Answer {
  return (request) => {
    const mount = findMount(request, { mounts, domains })
    return mount === undefined ? otherwise(request) : mount.answer(request)
  }
}

type Mounted = { readonly mounts: readonly Mount[]; readonly domains: readonly string[] }

function findMount(
  { host, rawPath }: HttpRequest,
  { mounts, domains }: Mounted,
): Mount | undefined {
  const mount = mounts.find(({ prefix }) => rawPath.startsWith(prefix))
  // Below a bucket's own host every path is a key.
  return mount === undefined || findHostedBucket(host, domains) !== undefined ? undefined : mount
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
