/** Where the text of a setting stands: in an argument, a variable, a file that one names. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** What of a setting says where its text may stand. */
export type Sought = {
  readonly variable: string
  /** Read when the first is not set: MinIO's names for it. */
  readonly aliases?: readonly string[]
  /**
   * May also stand in a file, which the variable with `_FILE` behind its name gives. Has no
   * argument, since those can be read by every user of the machine, and is never shown.
   */
  readonly secret?: true
}

export type Found = {
  /** The variable. */
  readonly source: string
  readonly text: string
  /** The text is the path of a file, and the file has the value. */
  readonly isPath: boolean
}

/** The source of what nobody gave. */
export const DEFAULT = 'the default'

const FILE_SUFFIX = '_FILE'
/** Where Docker and Kubernetes put secrets; MinIO looks there for names that are no paths. */
const SECRETS_FOLDER = '/run/secrets'

/** All variables that give the setting. */
export function variablesOf({ variable, aliases = [], secret }: Sought): readonly string[] {
  const names = [variable, ...aliases]
  return secret === true ? names.flatMap((name) => [name, name + FILE_SUFFIX]) : names
}

/** The first variable that is set. MinIO's names are set only when there is a text in them. */
export function findVariable(sought: Sought, environment: Environment): Found | undefined {
  for (const source of variablesOf(sought)) {
    const text = environment[source]
    if (text === undefined || (text === '' && source !== sought.variable)) continue
    return { source, text, isPath: sought.secret === true && source.endsWith(FILE_SUFFIX) }
  }
  return undefined
}

/** What the file holds, without the line end that editors put there. @throws when it is missing */
export function readSecretFile(path: string): string {
  const secret = resolve(SECRETS_FOLDER, path)
  try {
    return readFileSync(existsSync(secret) ? secret : path, 'utf8').trim()
  } catch (error) {
    throw new Error('which cannot be read', { cause: error })
  }
}
