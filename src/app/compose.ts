/** The architecture as code: store, storage, protocols. Only here are concrete ones named. */
import { join } from 'node:path'
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
import type { Directory } from '../services/access/directory/directory.ts'
import { openDirectory } from '../services/access/directory/open-directory.ts'
import type { ChangeFeed } from '../storage/change-feed.ts'
import { openDiskStore } from '../storage/disk/disk-store.ts'
import { repair } from '../storage/disk/repair/repair.ts'
import { restore } from '../storage/disk/upkeep/restore.ts'
import { openMemoryStore } from '../storage/memory/memory-store.ts'
import type { Maintenance, RepairReport, RestoreReport } from '../storage/maintenance.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { Storage } from '../storage/storage.ts'
import type { Tables } from '../tables/tables.ts'
import type { Configuration } from './config.ts'
import { declareIdentities } from './declare-identities.ts'
import { makeFirstBuckets } from './first-buckets.ts'
import { TABLES_FILE, withTables } from './maintain-tables.ts'
import { openRootKeys, type FoundRootKeys, type RootKeys } from './root-keys.ts'
import { readVersion } from './version.ts'

type Answer = HttpServerOptions['handle']

/** Everything that a server answers with. */
export type Composition = {
  readonly answer: Answer
  readonly renderFailure: HttpServerOptions['renderFailure']
  /** Probes and operators must reach a server that has too much to do. */
  readonly isAlwaysAnswered: (request: HttpRequest) => boolean
  /** Answers at an address that metrics have to themselves. */
  readonly metrics?: Answer | undefined
  readonly rootKeys: FoundRootKeys
  readonly changes: ChangeFeed | undefined
  /** Ends the answers that would go on for ever. */
  endStreams(): void
  close(): Promise<void>
}

export type Surroundings = {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter?: Meter
  /** All figures as text. */
  readonly scrape?: () => Promise<string>
}

/** A protocol that answers below a prefix; S3 has every other path. */
type Mount = { readonly prefix: string; readonly answer: Answer }

/** The store is open, and what it takes to answer requests is made; nothing listens yet. */
export async function compose(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<Composition> {
  const { clock, random, log, scrape = async () => '' } = surroundings
  const { region, publicUrl, domain: domains, signatureV2, newBuckets } = configuration
  await using opened = new AsyncDisposableStack()
  const store = await openStore(configuration, surroundings)
  opened.defer(() => store.close())
  // After the store, whose lock keeps a second first start from making other keys.
  const rootKeys = await openRootKeys(configuration, random)
  const directory = await openIdentities(configuration, { rootKeys, store, ...surroundings })
  opened.defer(() => directory.close())
  const storage = new Storage(store, { clock })
  await makeFirstBuckets(storage, configuration)
  const stopping = new AbortController()
  const authentication: AuthenticatorOptions = {
    findSecret: async (accessKey) => (await directory.findKey(accessKey))?.secret,
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
    findCaller: async (accessKey) => (await directory.findKey(accessKey))?.caller,
    decide,
    site: { accounts, region, newBuckets, domains, publicUrl },
    clock,
    log,
  })
  const answerMetrics = createMetricsAnswer({ scrape, token: configuration.metricsToken })
  const mounts: readonly Mount[] = [
    ...mountProbes(configuration, { store, metrics: answerMetrics, stopping: stopping.signal }),
    {
      prefix: ADMIN_PREFIX,
      answer: createAdmin({
        changes: storage.changes,
        maintenance: store.maintenance,
        program: { version: readVersion(), startedAt: new Date(clock.now()), threads: 1 },
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

  const closing = opened.move()
  return {
    answer: dispatch(mounts, { otherwise: (request) => s3.handle(request), domains }),
    renderFailure: (failure) => s3.renderFailure(failure),
    isAlwaysAnswered: (request) => findMount(request, { mounts, domains }) !== undefined,
    metrics: answerMetrics,
    rootKeys,
    changes: storage.changes,
    endStreams: () => stopping.abort(),
    close: () => closing.disposeAsync(),
  }
}

type Probed = Pick<Composition, 'metrics'> & {
  readonly store: OpenStore
  readonly stopping: AbortSignal
}

/** What is asked without a signature: load balancers, Prometheus. */
function mountProbes(
  { metrics: place }: Configuration,
  { store, metrics, stopping }: Probed,
): readonly Mount[] {
  const isReady = (): boolean => !stopping.aborted && store.isWritable?.() !== false
  const probes: Mount[] = [{ prefix: HEALTH_PREFIX, answer: createHealth({ isReady }) }]
  if (metrics !== undefined && place === METRICS_PATH) {
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

type Kept = Surroundings & { readonly rootKeys: RootKeys; readonly store: OpenStore }

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

/** A store and the tables beside it; its upkeep when it keeps something on disk. */
export type OpenStore = ObjectStore & {
  readonly tables: Tables
  readonly maintenance?: Maintenance
  /** False from a failed write to the restart that it takes. Always true when absent. */
  isWritable?(): boolean
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
