/** The foundation of a thread that serves: it reads by itself, and calls the main thread. */
import { calleeOf, type Callees } from '../base/calls/callee.ts'
import { type Caller, createCaller } from '../base/calls/caller.ts'
import type { Port } from '../base/calls/outbox.ts'
import type { Clock } from '../base/clock.ts'
import { createMetricsAnswer } from '../protocols/metrics/metrics.ts'
import type { Account } from '../services/access/caller.ts'
import { createDirectoryClient } from '../services/access/directory-client/directory-client.ts'
import { DIRECTORY_ERRORS } from '../services/access/directory-client/directory-errors.ts'
import { openDiskReader } from '../storage/disk/reader/disk-reader.ts'
import { pinOver } from '../storage/disk/reader/pins.ts'
import { createMaintenanceClient } from '../storage/threads/maintenance-calls.ts'
import { createStoreClient } from '../storage/threads/store-client.ts'
import { STORE_ERRORS } from '../storage/threads/store-errors.ts'
import type { Foundation } from './compose-protocols.ts'
import type { Configuration } from './settings/settings.ts'

/** Calls of the main thread, whose errors arrive as what they were there. */
export function callMainThread(port: Port): Caller {
  return createCaller(port, { ...STORE_ERRORS, ...DIRECTORY_ERRORS })
}

export type ConnectedFoundation = Foundation & {
  /** What the thread with the foundation tells this one. */
  readonly callees: Callees
  close(): Promise<void>
}

type ThreadSurroundings = {
  readonly configuration: Configuration
  readonly clock: Clock
  /** Those that there are now; the main thread tells of changes. */
  readonly accounts: readonly Account[]
}

/** The foundation of a thread that serves: it reads by itself, and calls for the rest. */
export function connectFoundation(
  caller: Caller,
  { configuration, clock, accounts }: ThreadSurroundings,
): ConnectedFoundation {
  const reader = openDiskReader({ folder: configuration.folder, pin: pinOver(caller) })
  const store = createStoreClient({ caller, reader, capabilities: reader.capabilities })
  const directory = createDirectoryClient(caller, clock)
  directory.news.changed(accounts)
  return {
    store: {
      ...store,
      maintenance: createMaintenanceClient(caller),
      isWritable: () => caller.call({ name: 'store.isWritable', args: [] }),
    },
    directory,
    metrics: createMetricsAnswer({
      scrape: () => caller.call({ name: 'monitoring.scrape', args: [] }),
      token: configuration.metricsToken,
    }),
    callees: {
      'directory.changed': calleeOf(directory.news, 'changed'),
      'directory.seen': calleeOf(directory.news, 'seen'),
      'reader.forgetSegment': calleeOf(reader, 'forgetSegment'),
    },
    close: () => store.close(),
  }
}
