// What is measured. A bar is the ratio to MinIO in the same run that Coffer holds itself to.
import { KIB, MIB, type WorkloadName } from './generator/workloads.ts'

export type Scenario = {
  readonly name: string
  readonly workload: WorkloadName
  readonly connections: number
  /** What its figure counts. */
  readonly unit: 'requests/s' | 'MiB/s' | 'objects/s'
  /** How many times MinIO's figure. @see docs/benchmarks.md */
  readonly bar?: number
}

const KINDS = { PUT: 'put', GET: 'get', HEAD: 'head', DELETE: 'delete' } as const

export const SCENARIOS: readonly Scenario[] = [
  ...[1, 16, 64].flatMap((connections) => [
    small('PUT', connections, { 1: undefined, 16: 4, 64: 8 }[connections]),
    small('GET', connections, { 1: undefined, 16: undefined, 64: 3 }[connections]),
    small('HEAD', connections, { 1: undefined, 16: 2.5, 64: undefined }[connections]),
    small('DELETE', connections),
  ]),
  bytes('PUT', { sizeBytes: 64 * KIB, connections: 16 }),
  bytes('GET', { sizeBytes: 64 * KIB, connections: 16 }),
  bytes('PUT', { sizeBytes: MIB, connections: 16, bar: 1.3 }),
  bytes('GET', { sizeBytes: MIB, connections: 16, bar: 1.7 }),
  bytes('PUT', { sizeBytes: 64 * MIB, connections: 4, bar: 1 }),
  bytes('GET', { sizeBytes: 64 * MIB, connections: 4, bar: 1.3 }),
  {
    name: 'LIST 250 keys, 8 connections',
    workload: { kind: 'list', keys: 250 },
    connections: 8,
    unit: 'requests/s',
    bar: 2,
  },
  {
    name: 'DeleteObjects of 500 keys, 4 connections',
    workload: { kind: 'delete-many', keys: 500 },
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

type SmallKind = 'PUT' | 'GET' | 'HEAD' | 'DELETE'

function small(method: SmallKind, connections: number, bar?: number): Scenario {
  return {
    name: `${method} 4 KiB, ${countConnections(connections)}`,
    workload: { kind: KINDS[method], sizeBytes: 4 * KIB },
    connections,
    unit: 'requests/s',
    ...(bar !== undefined && { bar }),
  }
}

type Transfer = { readonly sizeBytes: number; readonly connections: number; readonly bar?: number }

function bytes(method: 'PUT' | 'GET', { sizeBytes, connections, bar }: Transfer): Scenario {
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
