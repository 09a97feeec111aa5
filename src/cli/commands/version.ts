import { readFileSync } from 'node:fs'
import { Command } from 'commander'

export function versionCommand(): Command {
  return new Command('version')
    .description('Print the version of Coffer and of the Node that runs it.')
    .action(() => {
      process.stdout.write(`coffer ${readVersion()} (node ${process.version})\n`)
    })
}

/** The same path from `src/cli/commands` and from `dist/cli/commands`. */
export function readVersion(): string {
  const path = new URL('../../../package.json', import.meta.url)
  const { version }: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version
}
