/** `coffer <command>`: each command is a file in commands/. */
import { Command, CommanderError } from 'commander'
import { accountCommand } from './commands/account.ts'
import { backupCommand } from './commands/backup.ts'
import { changesCommand } from './commands/changes.ts'
import { compactCommand } from './commands/compact.ts'
import { completionCommand } from './commands/completion.ts'
import { groupCommand } from './commands/group.ts'
import { keyCommand } from './commands/key.ts'
import { catCommand } from './commands/objects/cat.ts'
import { cpCommand } from './commands/objects/cp.ts'
import { duCommand } from './commands/objects/du.ts'
import { findCommand } from './commands/objects/find.ts'
import { lsCommand } from './commands/objects/ls.ts'
import { mbCommand } from './commands/objects/mb.ts'
import { presignCommand } from './commands/objects/presign.ts'
import { rbCommand } from './commands/objects/rb.ts'
import { rmCommand } from './commands/objects/rm.ts'
import { statCommand } from './commands/objects/stat.ts'
import { policyCommand } from './commands/policy.ts'
import { repairCommand } from './commands/repair.ts'
import { restoreCommand } from './commands/restore.ts'
import { scrubCommand } from './commands/scrub.ts'
import { readyCommand } from './commands/ready.ts'
import { serveCommand } from './commands/serve.ts'
import { minioCommand, serverCommand } from './commands/server.ts'
import { userCommand } from './commands/user.ts'
import { readVersion, versionCommand } from './commands/version.ts'
import { EXIT_CODES, explainError } from './explain-error.ts'

/** Runs what the arguments ask for; a failure becomes a sentence on stderr and an exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what is wrong, or has printed the help that was asked for.
      process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
      return
    }
    const { message, hint, exitCode } = explainError(error)
    process.stderr.write(`coffer: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
    process.exitCode = exitCode
  }
}

/** All commands, ready to parse what a person types. */
export function createProgram(): Command {
  const program = new Command('coffer')
    .description('A durable S3 store for AI teams: one command, one change feed, many protocols.')
    .version(readVersion(), '--version', 'print the version')
    .exitOverride()
  const commands = [
    serveCommand(),
    serverCommand(),
    readyCommand(),
    changesCommand(),
    scrubCommand(),
    compactCommand(),
    backupCommand(),
    restoreCommand(),
    repairCommand(),
    accountCommand(),
    userCommand(),
    keyCommand(),
    groupCommand(),
    policyCommand(),
    lsCommand(),
    cpCommand(),
    catCommand(),
    rmCommand(),
    mbCommand(),
    rbCommand(),
    statCommand(),
    presignCommand(),
    duCommand(),
    findCommand(),
    completionCommand(),
    versionCommand(),
  ]
  for (const command of commands) program.addCommand(adopt(command, program))
  program.addCommand(adopt(minioCommand(), program), { hidden: true })
  return program
}

/** Whatever is wrong with the arguments of a command's commands is said as for the program. */
function adopt(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) adopt(child, command)
  return command
}
