import { Argument, Command } from 'commander'
import { type CommandRow, listCommands } from '../command-table.ts'

const SHELLS = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const

type Shell = keyof typeof SHELLS

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print what completes commands and options: `source <(coffer completion bash)`.')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SHELLS)))
    .action((shell: Shell, _options: unknown, command: Command) => {
      const { parent } = command
      process.stdout.write(SHELLS[shell](listCommands(parent ?? command)))
    })
}

/** For bash and zsh: which words may follow those of a command, by those words. */
function renderCases(rows: readonly CommandRow[], indent: string): string {
  return rows
    .map((row) => `${indent}'${row.path.join(' ')}') candidates='${wordsOf(row).join(' ')}' ;;`)
    .join('\n')
}

function renderPaths(rows: readonly CommandRow[]): string {
  return rows
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join(' | ')
}

function wordsOf({ names, options }: CommandRow): readonly string[] {
  if (names.length > 0) return names
  return options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]))
}

/** Where there is nothing to complete, bash goes on with the names of files. */
function renderBash(rows: readonly CommandRow[]): string {
  return `# source <(coffer completion bash)
_coffer() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command='' candidates='' next i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${command:+$command }\${COMP_WORDS[i]}"
    case "$next" in
      ${renderPaths(rows)}) command="$next" ;;
    esac
  done
  case "$command" in
${renderCases(rows, '    ')}
  esac
  COMPREPLY=()
  if [[ "$word" == -* || "$candidates" != -* ]]; then
    COMPREPLY=($(compgen -W "$candidates" -- "$word"))
  fi
}
complete -o default -F _coffer coffer
`
}

function renderZsh(rows: readonly CommandRow[]): string {
  return `#compdef coffer
# source <(coffer completion zsh)
_coffer() {
  local command='' candidates='' next i
  for ((i = 2; i < CURRENT; i++)); do
    next="\${command:+$command }\${words[i]}"
    case "$next" in
      ${renderPaths(rows)}) command="$next" ;;
    esac
  done
  case "$command" in
${renderCases(rows, '    ')}
  esac
  if [[ "$PREFIX" == -* || "$candidates" != -* ]]; then
    compadd -- \${=candidates}
  else
    _files
  fi
}
compdef _coffer coffer
`
}

function renderFish(rows: readonly CommandRow[]): string {
  const lines = rows.flatMap((row) => {
    const seen = row.path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ')
    const names = row.names.map((name) => {
      const condition =
        seen === ''
          ? '__fish_use_subcommand'
          : `${seen}; and not __fish_seen_subcommand_from ${row.names.join(' ')}`
      const child = rows.find(({ path }) => path.join(' ') === [...row.path, name].join(' '))
      return `complete -c coffer -f -n '${condition}' -a ${name} -d ${quote(child?.description ?? '')}`
    })
    const options = seen === '' || row.names.length > 0 ? [] : row.options
    return [
      ...names,
      ...options.map(({ long, short, description }) => {
        const flags = [
          ...(long ? [`-l ${long.slice(2)}`] : []),
          ...(short ? [`-s ${short.slice(1)}`] : []),
        ]
        return `complete -c coffer -n '${seen}' ${flags.join(' ')} -d ${quote(description)}`
      }),
    ]
  })
  return `# coffer completion fish | source\n${lines.join('\n')}\n`
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}
