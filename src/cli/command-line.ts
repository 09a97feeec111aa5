/** `coffer <command>`: each command is a file in commands/. */
import { Command, CommanderError } from 'commander'
import { readVersion } from '../app/version.ts'
import { EXIT_CODES, explainError } from './explain-error.ts'

/** How each is loaded: one that runs does not wait for the code of all. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand()],
  ['server', async () => (await import('./commands/server.ts')).serverCommand()],
  ['config', async () => (await import('./commands/config.ts')).configCommand()],
  ['info', async () => (await import('./commands/describe.ts')).infoCommand()],
  ['ready', async () => (await import('./commands/ready.ts')).readyCommand()],
  ['changes', async () => (await import('./commands/changes.ts')).changesCommand()],
  ['scrub', async () => (await import('./commands/scrub.ts')).scrubCommand()],
  ['compact', async () => (await import('./commands/compact.ts')).compactCommand()],
  ['backup', async () => (await import('./commands/backup.ts')).backupCommand()],
  ['restore', async () => (await import('./commands/restore.ts')).restoreCommand()],
  ['repair', async () => (await import('./commands/repair.ts')).repairCommand()],
  ['account', async () => (await import('./commands/account.ts')).accountCommand()],
  ['user', async () => (await import('./commands/user.ts')).userCommand()],
  ['key', async () => (await import('./commands/key.ts')).keyCommand()],
  ['group', async () => (await import('./commands/group.ts')).groupCommand()],
  ['policy', async () => (await import('./commands/policy.ts')).policyCommand()],
  ['ls', async () => (await import('./commands/objects/ls.ts')).lsCommand()],
  ['cp', async () => (await import('./commands/objects/cp.ts')).cpCommand()],
  ['cat', async () => (await import('./commands/objects/cat.ts')).catCommand()],
  ['rm', async () => (await import('./commands/objects/rm.ts')).rmCommand()],
  ['mb', async () => (await import('./commands/objects/mb.ts')).mbCommand()],
  ['rb', async () => (await import('./commands/objects/rb.ts')).rbCommand()],
  ['stat', async () => (await import('./commands/objects/stat.ts')).statCommand()],
  ['presign', async () => (await import('./commands/objects/presign.ts')).presignCommand()],
  ['du', async () => (await import('./commands/objects/du.ts')).duCommand()],
  ['find', async () => (await import('./commands/objects/find.ts')).findCommand()],
  ['completion', async () => (await import('./commands/completion.ts')).completionCommand()],
  ['version', async () => (await import('./commands/version.ts')).versionCommand()],
  ['minio', async () => (await import('./commands/server.ts')).minioCommand()],
])

/** For those who move from MinIO alone. */
const HIDDEN = new Set(['minio'])
/** Commands that are about all the others. */
const NEED_ALL = new Set(['completion'])

/** Runs what the arguments ask for; a failure becomes a sentence on stderr and an exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(argv[2])
    await program.parseAsync(argv)
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

/** The command of that name, ready to parse what a person types; all when there is none. */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command('coffer')
    .description('A durable S3 store for AI teams: one command, one change feed, many protocols.')
    .version(readVersion(), '--version', 'print the version')
    .exitOverride()
  const isOne = name !== undefined && COMMANDS.has(name) && !NEED_ALL.has(name)
  for (const each of isOne ? [name] : COMMANDS.keys()) {
    const command = await COMMANDS.get(each)?.()
    if (command === undefined) continue
    program.addCommand(adopt(command, program), { hidden: HIDDEN.has(each) })
  }
  return program
}

/** Whatever is wrong with the arguments of a command's commands is said as for the program. */
function adopt(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) adopt(child, command)
  return command
}
