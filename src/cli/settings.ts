/** Settings as arguments of a command. */
import { Option, type Command } from 'commander'
import { flagOf, SETTINGS, type Setting } from '../app/settings/settings.ts'

/** The command takes these settings as arguments; without one, its variable or default counts. */
export function addSettings(
  command: Command,
  settings: readonly Setting<unknown>[] = [SETTINGS.folder],
): Command {
  for (const setting of settings) command.addOption(toOption(setting))
  return command
}

function toOption(setting: Setting<unknown>): Option {
  const { unit, description, fallback, variable } = setting
  const facts = [variable, ...(fallback === undefined ? [] : [`default ${fallback}`])].join(', ')
  const flags = `${flagOf(setting)} <${unit.replaceAll('`', '')}>`
  return new Option(flags, `${description.replaceAll('`', '')} (${facts})`)
}
