// Upkeep of a store that another thread has open.
import { calleeOf, type Callees } from '../../base/calls/callee.ts'
import type { Caller } from '../../base/calls/caller.ts'
import type { Maintenance } from '../maintenance.ts'

/** Upkeep, ready to be called from other threads. */
export function maintenanceCallees(maintenance: Maintenance): Callees {
  return {
    'maintenance.scrub': calleeOf(maintenance, 'scrub'),
    'maintenance.compact': calleeOf(maintenance, 'compact'),
    'maintenance.backup': calleeOf(maintenance, 'backup'),
    'maintenance.describe': calleeOf(maintenance, 'describe'),
  }
}

/** The upkeep, for this thread. What has begun in the other one goes on to its end. */
export function createMaintenanceClient(caller: Caller): Maintenance {
  return {
    scrub: ({ signal, ...options } = {}) =>
      caller.iterate({ name: 'maintenance.scrub', args: [options], ...(signal && { signal }) }),
    async compact({ signal, ...options } = {}) {
      signal?.throwIfAborted()
      return caller.call({ name: 'maintenance.compact', args: [options] })
    },
    async backup(folder, { signal, ...options } = {}) {
      signal?.throwIfAborted()
      return caller.call({ name: 'maintenance.backup', args: [folder, options] })
    },
    describe: () => caller.call({ name: 'maintenance.describe', args: [] }),
  }
}
