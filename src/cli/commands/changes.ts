import { Command } from 'commander'
import { readConfiguration } from '../../app/config.ts'
import { openChanges, toChangeLine } from '../../protocols/admin/read-changes.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { runOnFolder } from '../folder-access.ts'
import { printLines } from '../print-lines.ts'
import { addSettings } from '../settings.ts'

type Options = {
  readonly folder?: string
  readonly after?: string
  readonly follow?: true
}

export function changesCommand(): Command {
  const command = new Command('changes')
    .description('Print the changes that were committed, oldest first, one line of JSON each.')
    .option('--follow', 'wait for those to come, until Ctrl-C')
    .option('--after <cursor>', 'begin after the change of that sequence (16 hex digits)')
    .action(printChanges)
  return addSettings(command)
}

async function printChanges({ folder, after, follow }: Options): Promise<void> {
  const configuration = readConfiguration({ folder })
  const query = {
    ...(after === undefined ? {} : { after }),
    ...(follow === undefined ? {} : { follow: 'true' }),
  }
  const lines = runOnFolder(configuration, {
    call: { method: 'GET', path: '/coffer/changes', query },
    run: (store) => readLines(store, { after, follow: follow === true }),
  })
  await printLines(lines)
}

async function* readLines(
  { changes }: ObjectStore,
  range: { readonly after: string | undefined; readonly follow: boolean },
): AsyncGenerator {
  if (changes === undefined) throw new StorageError('NotSupported', 'This store has no feed.')
  const { signal } = new AbortController()
  for await (const change of await openChanges(changes, { ...range, signal })) {
    yield toChangeLine(change)
  }
}
