import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Meter } from '../../base/metrics/meter.ts'
import type { Random } from '../../base/random.ts'
import type { StoreCapabilities } from '../object-store.ts'
import { StorageError } from '../storage-error.ts'
import type { BodyNumbers } from './body-numbers.ts'
import type { DiskBodies } from './bodies/bodies.ts'
import type { Tables } from './catalog/tables.ts'
import type { Committer } from './catalog/committer.ts'
import type { DiskFeed } from './disk-feed.ts'
import type { FreeSpace } from './folder/free-space.ts'
import type { Garbage } from './garbage.ts'
import type { Readers } from './reader/readers.ts'
import type { Stamps } from './catalog/stamps.ts'

/** What every folder can do. */
export const DISK_CAPABILITIES: StoreCapabilities = {
  versions: true,
  conditionalWrites: true,
  objectLock: true,
  atomicCommit: true,
}

/** What the parts of an open store share. */
export type DiskState = {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter: Meter
  readonly tables: Tables
  readonly stamps: Stamps
  readonly committer: Committer
  readonly bodies: DiskBodies
  readonly numbers: BodyNumbers
  readonly garbage: Garbage
  readonly readers: Readers
  readonly space: FreeSpace
  readonly feed: DiskFeed
  /** Writes of several steps, which closing waits for. */
  readonly underWay: Set<Promise<unknown>>
  isOpen: boolean
}

/** The part of it that reads need. */
export type ReadState = Pick<DiskState, 'tables' | 'isOpen'> & {
  readonly bodies: Pick<DiskBodies, 'read'>
  readonly garbage: Pick<Garbage, 'pin'>
  /** Lets the next look see all that other threads have committed. */
  readonly renew?: () => void
}

type Readable = Pick<ReadState, 'tables' | 'isOpen' | 'renew'>

/** The tables, for one read, as they are now. @throws StorageError `Closed` */
export function openTablesOf(state: Readable): Tables {
  if (!state.isOpen) throw new StorageError('Closed', 'The store is closed.')
  state.renew?.()
  return state.tables
}

/**
 * Passes when a write may begin. @throws StorageError `Closed`, `StoreFailed`, or the signal's
 * reason
 */
export function assertWritable(state: DiskState, signal: AbortSignal | undefined): void {
  openTablesOf(state)
  state.committer.assertWritable()
  signal?.throwIfAborted()
}

/** Whether a write may begin, as `assertWritable` has it. */
export function isOpenForWrites(state: DiskState): boolean {
  try {
    assertWritable(state, undefined)
    return true
  } catch {
    return false
  }
}

/** Carries out a write of several steps, which closing then waits for. */
export async function runWrite<Result>(
  state: DiskState,
  signal: AbortSignal | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  assertWritable(state, signal)
  const acting = act()
  state.underWay.add(acting)
  try {
    return await acting
  } finally {
    state.underWay.delete(acting)
  }
}
