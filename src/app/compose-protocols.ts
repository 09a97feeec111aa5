/** Everything that answers requests, over a store and a directory of any kind. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ADMIN_PREFIX, createAdmin } from '../protocols/admin/admin.ts'
import { findHostedBucket } from '../protocols/http/proxy/virtual-host.ts'
import {
  type AuthenticatorOptions,
  createAuthenticator,
} from '../protocols/http/signature/authenticate.ts'
import { createFormAuthenticator } from '../protocols/http/signature/form-signature.ts'
import type { HttpRequest } from '../protocols/http/request.ts'
import type { HttpServerOptions } from '../protocols/http/server.ts'
import { METRICS_PATH } from '../protocols/metrics/metrics.ts'
import { createHealth, HEALTH_PREFIX } from '../protocols/minio/health.ts'
import { createS3 } from '../protocols/s3/s3.ts'
import { createDecide } from '../services/access/decide.ts'
import type { Directory, FoundKey } from '../services/access/directory/directory.ts'
import type { Maintenance } from '../storage/maintenance.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { Storage } from '../storage/storage.ts'
import type { Configuration } from './settings/settings.ts'

type Answer = HttpServerOptions['handle']

/** What protocols stand on: of this thread, or of another one that is called. */
export type Foundation = {
  readonly store: ServedStore
  readonly directory: Directory
  /** Answers with the figures of all threads. */
  readonly metrics?: Answer
}

/** A store as protocols use it; its upkeep when it keeps something on disk. */
export type ServedStore = ObjectStore & {
  readonly maintenance?: Maintenance
  /** False from a failed write to the restart that it takes. Always true when absent. */
  isWritable?(): boolean | Promise<boolean>
}

/** Everything that a server answers with. */
export type Protocols = {
  readonly answer: Answer
  readonly renderFailure: HttpServerOptions['renderFailure']
  /** Probes and operators must reach a server that has too much to do. */
  readonly isAlwaysAnswered: (request: HttpRequest) => boolean
  /** Ends the answers that would go on for ever. */
  endStreams(): void
}

/** A protocol that answers below a prefix; S3 has every other path. */
type Mount = { readonly prefix: string; readonly answer: Answer }

/** What the program that answers is. */
export type Program = {
  readonly version: string
  readonly startedAt: Date
  /** How many threads answer requests. */
  readonly threads: number
}

type Served = {
  readonly clock: Clock
  readonly log: Log
  readonly program: Program
}

/** What it takes to answer requests is made; nothing listens yet. */
export function composeProtocols(
  { store, directory, metrics }: Foundation,
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
    endStreams: () => stopping.abort(),
  }
}

type Probed = {
  readonly store: ServedStore
  readonly metrics: Answer | undefined
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
