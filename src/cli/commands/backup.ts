import { resolve } from 'node:path'
import { Command } from 'commander'
import { addMaintenanceOptions, maintain, type MaintenanceOptions } from '../maintain.ts'

export function backupCommand(): Command {
  const command = new Command('backup')
    .description(
      'Copy the store as it is now into an empty folder; the server may go on meanwhile.',
    )
    .argument('<target>', 'an empty or new folder; the root keys are not copied')
    .action((target: string, options: MaintenanceOptions) =>
      maintain({ kind: 'backup', folder: resolve(target) }, options),
    )
  return addMaintenanceOptions(command)
}
