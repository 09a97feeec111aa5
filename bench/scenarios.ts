// What is measured. A bar is the ratio to MinIO in the same run that Coffer holds itself to.
import { GIB, KIB, MIB, type WorkloadName } from './generator/workloads.ts'

export type ScenarioLoad = {
  readonly workload: WorkloadName
  readonly connections: number
}

export type Scenario = ScenarioLoad & {
  readonly name: string
  /** What its figure counts. */
  readonly unit: Unit
  /** How many times MinIO's figure. @see docs/benchmarks.md */
  readonly bar?: number
}

export type Unit = 'requests/s' | 'MiB/s' | 'objects/s'

/** Enough for most of a second with the fastest, few enough to be stored first by the slowest. */
const DELETED_KEYS = { 1: 1000, 16: 4000, 64: 6000 } as const
const KEYS_PER_BATCH = 500
const BATCHES = 16
const LISTED_KEYS = 250
const KINDS = { PUT: 'put', GET: 'get', HEAD: 'head' } as const

export const SCENARIOS: readonly Scenario[] = [
  ...([1, 16, 64] as const).flatMap((connections): readonly Scenario[] => [
    small({ method: 'PUT', connections, bars: { 16: 4, 64: 8 } }),
    small({ method: 'GET', connections, bars: { 64: 3 } }),
    small({ method: 'HEAD', connections, bars: { 16: 2.5 } }),
    {
      name: `DELETE 4 KiB, ${countConnections(connections)}`,
      workload: { kind: 'delete', sizeBytes: 4 * KIB, keys: DELETED_KEYS[connections] },
      connections,
      unit: 'requests/s',
    },
  ]),
  transfer('PUT', { sizeBytes: 64 * KIB, connections: 16 }),
  transfer('GET', { sizeBytes: 64 * KIB, connections: 16 }),
  transfer('PUT', { sizeBytes: MIB, connections: 16, bar: 1.3 }),
  transfer('GET', { sizeBytes: MIB, connections: 16, bar: 1.7 }),
  transfer('PUT', { sizeBytes: 64 * MIB, connections: 4, bar: 1 }),
  transfer('GET', { sizeBytes: 64 * MIB, connections: 4, bar: 1.3 }),
  {
    name: 'multipart, 1 GiB in parts of 64 MiB, 4 connections',
    workload: { kind: 'multipart', partBytes: 64 * MIB, parts: GIB / (64 * MIB) },
    connections: 4,
    unit: 'MiB/s',
  },
  {
    name: `LIST ${LISTED_KEYS} keys, 8 connections`,
    workload: { kind: 'list', keys: LISTED_KEYS },
    connections: 8,
    unit: 'requests/s',
    bar: 2,
  },
  {
    name: `DeleteObjects of ${KEYS_PER_BATCH} keys, 4 connections`,
    workload: { kind: 'delete-many', keys: KEYS_PER_BATCH, batches: BATCHES },
    connections: 4,
    unit: 'objects/s',
  },
  {
    name: 'mixed, 4 KiB to 1 MiB, 16 connections',
    workload: { kind: 'mixed' },
    connections: 16,
    unit: 'requests/s',
  },
]

/** The load under which memory is looked at. */
export const MIXED_LOAD: ScenarioLoad = { workload: { kind: 'mixed' }, connections: 16 }

/** What no process may keep in memory. */
export const LARGE_UPLOAD: ScenarioLoad = {
  workload: { kind: 'put-one', sizeBytes: 5 * GIB },
  connections: 1,
}

/** What one request of a workload counts for in its unit. */
export function objectsPerRequest({ workload }: Scenario): number {
  return workload.kind === 'delete-many' ? workload.keys : 1
}

type Small = {
  readonly method: 'PUT' | 'GET' | 'HEAD'
  readonly connections: number
  readonly bars: Readonly<Record<number, number>>
}

function small({ method, connections, bars }: Small): Scenario {
  const bar = bars[connections]
  return {
    name: `${method} 4 KiB, ${countConnections(connections)}`,
    workload: { kind: KINDS[method], sizeBytes: 4 * KIB },
    connections,
    unit: 'requests/s',
    ...(bar !== undefined && { bar }),
  }
}

type Transfer = { readonly sizeBytes: number; readonly connections: number; readonly bar?: number }

function transfer(method: 'PUT' | 'GET', { sizeBytes, connections, bar }: Transfer): Scenario {
  const size = sizeBytes < MIB ? `${sizeBytes / KIB} KiB` : `${sizeBytes / MIB} MiB`
  return {
    name: `${method} ${size}, ${countConnections(connections)}`,
    workload: { kind: KINDS[method], sizeBytes },
    connections,
    unit: 'MiB/s',
    ...(bar !== undefined && { bar }),
  }
}

function countConnections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`
}
