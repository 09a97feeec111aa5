import { resolve } from 'node:path'
import { Command } from 'commander'
import { printLine } from '../print-lines.ts'

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Make a folder from a backup, comparing every byte; serve it with `coffer serve`.')
    .argument('<backup>', 'what `coffer backup` made')
    .argument('<folder>', 'an empty or new folder')
    .action(async (backup: string, folder: string) => {
      const { restoreFolder } = await import('../../app/compose.ts')
      const report = await restoreFolder(resolve(backup), resolve(folder))
      await printLine({ event: 'restored', ...report })
    })
}
