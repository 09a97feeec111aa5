/**
 * One typed configuration, parsed once. Nobody else reads process.env.
 * docs/configuration.md is generated from SETTINGS.
 */
import { findConflict } from './settings/setting-conflicts.ts'
import {
  DEFAULT,
  findVariable,
  readSecretFile,
  variablesOf,
  type Environment,
  type Found,
} from './settings/setting-sources.ts'
import { type Configuration, flagOf, SETTINGS, type Setting } from './settings/settings.ts'

/** What was given is no configuration; the message says which value, and what to give instead. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

type Given = Omit<Found, 'isPath'> & Partial<Found>

/** Texts by the name of the setting: what command-line options give. */
export type GivenArguments = Readonly<Record<string, string | undefined>>

/**
 * The configuration: arguments first, then variables, then MinIO's names, then defaults.
 * @throws ConfigurationError for a value that is not one, and for an unknown COFFER_ variable
 */
export function readConfiguration(
  given: GivenArguments = {},
  environment: Environment = process.env,
): Configuration {
  assertKnownVariables(environment)
  const values = Object.entries(SETTINGS).map(([name, setting]: [string, Setting<unknown>]) => {
    const text = findText(setting, given[name], environment)
    return [name, text && parse(setting, text)]
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- same names, same types
  const configuration = Object.fromEntries(values) as Configuration
  const conflict = findConflict(configuration)
  if (conflict !== undefined) throw new ConfigurationError(conflict)
  return configuration
}

/** A variable that is no setting of ours, such as AWS_REGION; one that is empty counts as unset. */
export function readVariable(
  name: string,
  environment: Environment = process.env,
): string | undefined {
  return environment[name] === '' ? undefined : environment[name]
}

/** MinIO's variables that are set, and that neither a setting nor any of `others` is read from. */
export function listUnreadVariables(
  others: readonly string[],
  environment: Environment = process.env,
): readonly string[] {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
  const read = new Set([...settings.flatMap(variablesOf), ...others])
  return Object.keys(environment).filter((name) => name.startsWith('MINIO_') && !read.has(name))
}

/** The text that counts for a setting, and where it stands. */
export function findText(
  setting: Setting<unknown>,
  argument: string | undefined,
  environment: Environment = process.env,
): Given | undefined {
  if (argument !== undefined) return { source: flagOf(setting), text: argument }
  const { fallback: text } = setting
  return (
    findVariable(setting, environment) ?? (text === undefined ? text : { source: DEFAULT, text })
  )
}

function parse(setting: Setting<unknown>, { source, text, isPath = false }: Given): unknown {
  try {
    return setting.parse(isPath ? readSecretFile(text) : text)
  } catch (error) {
    // A secret that is refused must not end up in a terminal's history or a log.
    const shown = setting.secret === true && !isPath ? 'not usable' : `"${text}"`
    throw new ConfigurationError(`${source} is ${shown}, ${messageOf(error)}.`, { cause: error })
  }
}

function assertKnownVariables(environment: Environment): void {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
  const known = settings.flatMap(variablesOf).filter((name) => name.startsWith('COFFER_'))
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('COFFER_') && !known.includes(name),
  )
  if (unknown.length === 0) return
  throw new ConfigurationError(
    `${unknown.join(', ')} is not a setting of Coffer. Known are: ${known.join(', ')}.`,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
