import { Command } from 'commander'
import { addMaintenanceOptions, maintain, type MaintenanceOptions } from '../maintain.ts'

export function scrubCommand(): Command {
  const command = new Command('scrub')
    .description('Read everything and print what is damaged; exits with 3 when anything is.')
    .action((options: MaintenanceOptions) => maintain({ kind: 'scrub' }, options))
  return addMaintenanceOptions(command)
}
