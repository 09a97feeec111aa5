/** The architecture as code: store, storage, protocols. Only here are concrete ones named. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { ADMIN_PREFIX, createAdmin } from '../protocols/admin/admin.ts'
import { createAuthenticator } from '../protocols/http/signature/authenticate.ts'
import type { HttpServerOptions } from '../protocols/http/server.ts'
import { answerHealth, HEALTH_PREFIX } from '../protocols/minio/health.ts'
import { createS3 } from '../protocols/s3/s3.ts'
import { listAccounts } from '../services/access/accounts.ts'
import { DEFAULT_ACCOUNT_ID, rootOf } from '../services/access/caller.ts'
import { createDecide } from '../services/access/decide.ts'
import type { ChangeFeed } from '../storage/change-feed.ts'
import { openDiskStore } from '../storage/disk/disk-store.ts'
import { repair } from '../storage/disk/repair/repair.ts'
import { restore } from '../storage/disk/upkeep/restore.ts'
import { openMemoryStore } from '../storage/memory/memory-store.ts'
import type { Maintenance, RepairReport, RestoreReport } from '../storage/maintenance.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { Storage } from '../storage/storage.ts'
import type { Configuration } from './config.ts'
import type { Answer } from './request-log.ts'
import { openRootKeys, type FoundRootKeys } from './root-keys.ts'

/** Everything that a server answers with. */
export type Composition = {
  readonly answer: Answer
  readonly renderFailure: HttpServerOptions['renderFailure']
  readonly rootKeys: FoundRootKeys
  readonly changes: ChangeFeed | undefined
  /** Ends the answers that would go on for ever. */
  endStreams(): void
  close(): Promise<void>
}

export type Surroundings = { readonly clock: Clock; readonly random: Random; readonly log: Log }

/** A protocol that answers below a prefix; S3 has every other path. */
type Mount = { readonly prefix: string; readonly answer: Answer }

/** The store is open, and what it takes to answer requests is made; nothing listens yet. */
export async function compose(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<Composition> {
  const { clock, random, log } = surroundings
  const store = await openStore(configuration, surroundings)
  // After the store, whose lock keeps a second first start from making other keys.
  const rootKeys = await openRootKeys(configuration, random).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const storage = new Storage(store, { clock })
  const stopping = new AbortController()
  const authenticate = createAuthenticator({
    findSecret: (accessKey) => (accessKey === rootKeys.user ? rootKeys.password : undefined),
    region: configuration.region,
    clock,
  })

  const accounts = listAccounts([])
  const s3 = createS3({
    storage,
    authenticate,
    findCaller: () => Promise.resolve(rootOf(DEFAULT_ACCOUNT_ID)),
    decide: createDecide({ storage, accounts }),
    site: {
      accounts,
      region: configuration.region,
      newBuckets: 'private',
    },
    clock,
    log,
  })
  const mounts: readonly Mount[] = [
    { prefix: HEALTH_PREFIX, answer: answerHealth },
    {
      prefix: ADMIN_PREFIX,
      answer: createAdmin({
        changes: storage.changes,
        maintenance: store.maintenance,
        authenticate,
        rootUser: rootKeys.user,
        log,
        stopping: stopping.signal,
      }),
    },
  ]

  return {
    answer: (request) => {
      const mount = mounts.find(({ prefix }) => request.rawPath.startsWith(prefix))
      return mount === undefined ? s3.handle(request) : mount.answer(request)
    },
    renderFailure: (failure) => s3.renderFailure(failure),
    rootKeys,
    changes: storage.changes,
    endStreams: () => stopping.abort(),
    close: () => storage.close(),
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

/** A store, and its upkeep when it keeps something on disk. */
export type OpenStore = ObjectStore & { readonly maintenance?: Maintenance }

/** The store that the configuration names, open. */
export async function openStore(
  configuration: Configuration,
  { mustExist, ...surroundings }: Surroundings & { readonly mustExist?: true },
): Promise<OpenStore> {
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
