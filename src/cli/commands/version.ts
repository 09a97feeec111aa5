import { Command, Option } from 'commander'
import { readVersions } from '../../app/version.ts'

type Options = { readonly json?: true }

export function versionCommand(): Command {
  return new Command('version')
    .description('Print the versions of Coffer, of Node and of lmdb.')
    .addOption(new Option('--json', 'print them as one line of JSON'))
    .action(({ json }: Options) => {
      const versions = readVersions()
      const { coffer, node, lmdb } = versions
      const text = `coffer ${coffer} (node ${node}, lmdb ${lmdb})`
      process.stdout.write(`${json === true ? JSON.stringify(versions) : text}\n`)
    })
}
