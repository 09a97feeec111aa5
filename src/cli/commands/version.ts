import { Command } from 'commander'
import { readVersion } from '../../app/version.ts'

export function versionCommand(): Command {
  return new Command('version')
    .description('Print the version of Coffer and of the Node that runs it.')
    .action(() => {
      process.stdout.write(`coffer ${readVersion()} (node ${process.version})\n`)
    })
}
