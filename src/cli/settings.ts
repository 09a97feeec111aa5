/** Settings as arguments of a command. */
import { Option, type Command } from 'commander'
import { flagOf, SETTINGS, type Configuration } from '../app/config.ts'

/** The command takes these settings as arguments; without one, its variable or default counts. */
export function addSettings(
  command: Command,
  names: readonly (keyof Configuration)[] = ['folder'],
): Command {
  for (const name of names) {
    const setting = SETTINGS[name]
    const { unit, description, fallback, variable } = setting
    const option = new Option(`${flagOf(setting)} <${unit.replaceAll('`', '')}>`, description)
    const facts = [variable, ...(fallback === undefined ? [] : [`default ${fallback}`])]
    option.description += ` (${facts.join(', ')})`
    command.addOption(option)
  }
  return command
}
