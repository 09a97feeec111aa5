/** Maintenance as the API and the command line run it: line by line. */
import { isAbsolute } from 'node:path'
import type { Maintenance, UpkeepOptions } from '../../storage/maintenance.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { MaintenanceLine } from './contract.ts'

export type MaintenanceTask =
  | { readonly kind: 'scrub' }
  | { readonly kind: 'compact' }
  /** `folder` is absolute: the server stands elsewhere than who asks. */
  | { readonly kind: 'backup'; readonly folder: string }

/** What the task tells, from the first line that says that it has begun. */
export async function* runMaintenance(
  maintenance: Maintenance | undefined,
  task: MaintenanceTask,
  options: UpkeepOptions,
): AsyncGenerator<MaintenanceLine> {
  const upkeep = requireMaintenance(maintenance)
  yield { event: 'started' }
  switch (task.kind) {
    case 'scrub':
      yield* upkeep.scrub(options)
      return
    case 'compact':
      yield { event: 'compacted', ...(await upkeep.compact(options)) }
      return
    case 'backup':
      yield {
        event: 'backed-up',
        folder: task.folder,
        ...(await upkeep.backup(task.folder, options)),
      }
  }
}

/** @throws StorageError `NotSupported` when the store has no maintenance */
export function requireMaintenance(maintenance: Maintenance | undefined): Maintenance {
  if (maintenance !== undefined) return maintenance
  throw new StorageError('NotSupported', 'This store keeps nothing on disk that needs maintenance.')
}

/** @throws StorageError `InvalidArgument` for a folder that is missing or relative */
export function assertBackupFolder(folder: string | undefined): string {
  if (folder !== undefined && isAbsolute(folder)) return folder
  throw new StorageError(
    'InvalidArgument',
    'A backup needs `target`: the absolute path of an empty or new folder on the server.',
  )
}
