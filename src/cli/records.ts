/** What the commands about accounts, users, keys, groups and policies have in common. */
import { Option, type Command } from 'commander'
import { findAddress } from '../app/address-file.ts'
import { ConfigurationError, readConfiguration } from '../app/config.ts'
import { findRootKeys } from '../app/root-keys.ts'
import { systemClock } from '../base/clock.ts'
import { EXIT_CODES } from './explain-error.ts'
import { isNobodyThere } from './folder-access.ts'
import { endWithReader, printLine } from './print-lines.ts'
import { callServer, type AdminCall } from './running-server.ts'
import { addSettings } from './settings.ts'

export type RecordOptions = {
  readonly folder?: string
  readonly json?: true
}

export type AccountOptions = RecordOptions & { readonly account?: string }

/** The command speaks to the server of a folder, and can answer in JSON. */
export function addRecordOptions(command: Command): Command {
  command.addOption(new Option('--json', 'print what the server answers, as one line of JSON'))
  return addSettings(command)
}

/** The same, for what belongs to an account. */
export function addAccountOptions(command: Command): Command {
  const option = new Option('--account <id>', 'of this account, twelve digits (the default one)')
  return addRecordOptions(command.addOption(option))
}

/** What the query says of the account, beside what else it says. */
export function withAccount(
  { account }: AccountOptions,
  query: AdminCall['query'] = {},
): AdminCall['query'] {
  return account === undefined ? query : { ...query, account }
}

/**
 * The answer of the server that runs on the folder, which is the one value that it sends.
 * @throws ConfigurationError when none runs; ServerRefusal
 */
export async function ask<Answer>({ folder }: RecordOptions, call: AdminCall): Promise<Answer> {
  const configuration = readConfiguration({ folder })
  const address = await findAddress(configuration.folder)
  const keys = await findRootKeys(configuration)
  if (address === undefined) throw noServer(configuration.folder)
  if (keys === undefined) {
    throw new ConfigurationError(
      'The root keys are not in the folder. Set COFFER_ROOT_USER and COFFER_ROOT_PASSWORD.',
    )
  }
  const access = { ...address, keys, now: new Date(systemClock.now()) }
  try {
    let answer: unknown
    for await (const value of callServer(access, call)) answer = value
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract says so
    return answer as Answer
  } catch (error) {
    throw isNobodyThere(error) ? noServer(configuration.folder) : error
  }
}

/** Tells a person, or gives a program the whole answer. */
export async function tell(
  { json }: RecordOptions,
  { answer, text }: { readonly answer: unknown; readonly text: string },
): Promise<void> {
  endWithReader(EXIT_CODES.ok)
  if (json === true) await printLine(answer)
  else process.stdout.write(`${text}\n`)
}

/** Columns as wide as what stands in them. */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [titles, ...rows]
  const widths = titles.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Facts about one thing, a line each. */
export function renderFacts(facts: Readonly<Record<string, string | readonly string[]>>): string {
  const rows = Object.entries(facts).map(([name, value]) => {
    const text = typeof value === 'string' ? value : value.join(', ')
    return [name, text === '' ? '-' : text]
  })
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows.map(([name = '', text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

/** Repeated arguments `name=value`, read one by one. */
export function collectPair(
  text: string,
  collected: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new ConfigurationError(`"${text}" is not name=value.`)
  return { ...collected, [text.slice(0, equals)]: text.slice(equals + 1) }
}

function noServer(folder: string): ConfigurationError {
  return new ConfigurationError(
    `No server runs on ${folder}. Start it with \`coffer serve\`, or name another folder by --folder.`,
  )
}
