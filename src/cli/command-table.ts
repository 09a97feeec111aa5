/** All commands as data, for what is made of them: the page in docs, completion in shells. */
import type { Argument, Command, Option } from 'commander'

export type CommandRow = {
  /** Without the program's: `['key', 'create']`. */
  readonly path: readonly string[]
  readonly description: string
  readonly options: readonly Option[]
  readonly arguments: readonly Argument[]
  /** Of the commands directly below. */
  readonly names: readonly string[]
}

/** The program first, then each command before those below it; what is hidden is left out. */
export function listCommands(
  program: Command,
  path: readonly string[] = [],
): readonly CommandRow[] {
  const help = program.createHelp()
  const children = help.visibleCommands(program).filter((child) => child.name() !== 'help')
  const row = {
    path,
    description: program.description(),
    options: help.visibleOptions(program),
    arguments: program.registeredArguments,
    names: children.map((child) => child.name()),
  }
  return [row, ...children.flatMap((child) => listCommands(child, [...path, child.name()]))]
}
