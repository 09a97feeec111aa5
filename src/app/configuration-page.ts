/** docs/configuration.md as it must be: `npm run docs` writes it, the tidy test compares it. */
import { flagOf, SETTINGS, type Setting } from './settings/settings.ts'
import { variablesOf } from './settings/setting-sources.ts'

export const CONFIGURATION_PAGE = 'docs/configuration.md'

const INTRODUCTION = `# Configuration

Generated from src/app/config.ts by \`npm run docs\`; do not edit.

Coffer needs no configuration. What is set is read once, at the start: arguments of
\`coffer serve\` come first, then variables, then MinIO's names for them, then defaults. A variable
that ends in \`_FILE\` gives the path of a file with the value, or its name in \`/run/secrets\`. A value
that is not one, or an unknown variable that begins with \`COFFER_\`, stops the start with a
sentence that names it. The other commands read the same variables; \`--folder\` tells them which
folder is meant.
`

/** The page's text: one section for each setting, in the order of SETTINGS. */
export function renderConfigurationPage(): string {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
  return [INTRODUCTION, ...settings.map(renderSetting)].join('\n')
}

function renderSetting(setting: Setting<unknown>): string {
  const { variable, secret, unit, fallback, description } = setting
  const others = variablesOf(setting).filter((name) => name !== variable)
  const flag = secret === true ? 'none, since others can see arguments' : code(flagOf(setting))
  const rows = [
    `- Argument: ${flag}`,
    ...(others.length === 0 ? [] : [`- Also read: ${others.map(code).join(', ')}`]),
    `- Value: ${unit}`,
    `- Default: ${fallback === undefined ? 'none' : code(fallback)}`,
  ]
  return `## ${variable}\n\n${description}\n\n${rows.join('\n')}\n`
}

function code(text: string): string {
  return `\`${text}\``
}
