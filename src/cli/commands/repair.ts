import { resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT_CODES } from '../explain-error.ts'
import { printLine } from '../print-lines.ts'

export function repairCommand(): Command {
  return new Command('repair')
    .description('Rebuild the catalog of a folder that no server uses; exits with 3 for unproved.')
    .argument('<folder>', 'the folder; its old catalog is kept beside the new one')
    .option('--backup <folder>', 'the last backup, for what lay in the catalog alone')
    .action(async (folder: string, { backup }: { readonly backup?: string }) => {
      const { repairFolder } = await import('../../app/compose.ts')
      const source = backup === undefined ? {} : { backup: resolve(backup) }
      const { unproved, ...report } = await repairFolder(resolve(folder), source)
      for (const found of unproved) await printLine({ event: 'unproved', ...found })
      await printLine({ event: 'repaired', ...report, unproved: unproved.length })
      if (unproved.length > 0) process.exitCode = EXIT_CODES.damaged
    })
}
