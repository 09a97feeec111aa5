import { Command } from 'commander'
import { addMaintenanceOptions, maintain, type MaintenanceOptions } from '../maintain.ts'

export function compactCommand(): Command {
  const command = new Command('compact')
    .description('Give the space of what was deleted back to the disk now.')
    .action((options: MaintenanceOptions) => maintain({ kind: 'compact' }, options))
  return addMaintenanceOptions(command)
}
