/** What counts for each setting, and where it stands: what `coffer config` shows. */
import { existsSync } from 'node:fs'
import { findText, type GivenArguments } from './config.ts'
import { SETTINGS, type Configuration } from './settings/settings.ts'
import { rootKeysPath } from './root-keys.ts'
import { DEFAULT, variablesOf } from './settings/setting-sources.ts'

export type ExplainedSetting = {
  readonly variable: string
  /** As it counts; absent for what is not set, and for secrets. */
  readonly value?: string | number
  /** A secret is set; it is shown nowhere. */
  readonly secret?: true
  readonly source: 'argument' | 'variable' | 'file' | 'folder' | 'default' | 'none'
  /** The argument, the variable, or the file in the folder that it stands in. */
  readonly from?: string
}

type Setting = (typeof SETTINGS)[keyof Configuration]

/** One for each setting, in the order of the page about them; `given` are the arguments. */
export function explainConfiguration(
  configuration: Configuration,
  given: GivenArguments,
): readonly ExplainedSetting[] {
  return Object.entries(SETTINGS).map(([name, setting]) => {
    const found = findText(setting, given[name])
    if (found === undefined) return explainMissing(setting, configuration)
    const { source, text, isPath } = found
    return {
      variable: setting.variable,
      ...(setting.secret === true ? { secret: true } : { value: shown(setting, text) }),
      ...(source === DEFAULT
        ? { source: 'default' }
        : { source: isPath === true ? 'file' : sourceOf(setting, source), from: source }),
    }
  })
}

function sourceOf(setting: Setting, source: string): 'argument' | 'variable' {
  return variablesOf(setting).includes(source) ? 'variable' : 'argument'
}

/** Numbers and paths as they count, everything else as it was written. */
function shown(setting: Setting, text: string): string | number {
  const value = setting.parse(text)
  return typeof value === 'number' || typeof value === 'string' ? value : text
}

/** The first start makes root keys, which the folder keeps. */
function explainMissing({ variable }: Setting, { folder }: Configuration): ExplainedSetting {
  const isRootKey = [SETTINGS.rootUser.variable, SETTINGS.rootPassword.variable].includes(variable)
  const path = rootKeysPath(folder)
  if (!isRootKey || !existsSync(path)) return { variable, source: 'none' }
  return { variable, secret: true, source: 'folder', from: path }
}
