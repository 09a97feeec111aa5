import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Finding } from '../../maintenance.ts'
import { isStorageError } from '../../storage-error.ts'
import type { BodyId } from '../bodies/bodies.ts'
import { isErrno } from '../bodies/disk.ts'
import { encodeNumber } from '../catalog/key-encoding.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import type { UpkeepState } from './upkeep-state.ts'

/**
 * Finds files that nothing names. The next start of the store sweeps those that a crash left
 * behind.
 */
export async function* scrubLeftovers(
  state: UpkeepState,
  { signal }: ScrubProgress,
): AsyncGenerator<Finding, void> {
  const { tables, bodies, numbers } = state
  for await (const id of bodies.files.list(0n)) {
    signal?.throwIfAborted()
    if (numbers.isUnderWay(id)) continue
    // A body that is not under way is committed or never will be; its row is read after knowing
    // that.
    await nextTurn()
    const key = encodeNumber(id)
    if (tables.blobs.get(key) !== undefined || tables.garbage.get(key) !== undefined) continue
    if (!(await isThere(bodies, id))) continue
    const message = `Nothing names the file of body ${id.toString(16)}; its space is lost.`
    yield { kind: 'leftover', message, body: id.toString(16), objects: [] }
  }
}

/** Garbage that was freed since the folder was listed is gone. */
async function isThere(bodies: UpkeepState['bodies'], id: BodyId): Promise<boolean> {
  try {
    await bodies.files.inspect(id)
    return true
  } catch (error) {
    return !(isStorageError(error, 'Damaged') && isErrno(error.cause, 'ENOENT'))
  }
}
