import { Command, Option } from 'commander'
import { readConfiguration, type GivenArguments } from '../../app/config.ts'
import { SETTINGS, type Setting } from '../../app/settings/settings.ts'
import { type ExplainedSetting, explainConfiguration } from '../../app/explain-configuration.ts'
import { renderTable, tell } from '../records.ts'
import { addSettings } from '../settings.ts'

type Options = GivenArguments & { readonly json?: true }

export function configCommand(): Command {
  const command = new Command('config')
    .description('Print what `coffer serve` would go by, and where each value comes from.')
    .argument('[folder]', 'the same as --folder')
    .addOption(new Option('--json', 'print it as one line of JSON'))
    .action(printConfiguration)
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
  return addSettings(
    command,
    settings.filter(({ secret }) => secret !== true),
  )
}

async function printConfiguration(folder: string | undefined, options: Options): Promise<void> {
  const { json, ...others } = options
  const given = folder === undefined ? others : { ...others, folder }
  const settings = explainConfiguration(readConfiguration(given), given)
  const rows = settings.map((each) => [each.variable, renderValue(each), renderSource(each)])
  await tell(
    { ...(json && { json }) },
    {
      answer: { settings },
      text: renderTable(['SETTING', 'VALUE', 'FROM'], rows),
    },
  )
}

function renderValue({ secret, value }: ExplainedSetting): string {
  if (secret === true) return '(secret)'
  return value === undefined || value === '' ? '-' : String(value)
}

function renderSource({ source, from = '' }: ExplainedSetting): string {
  if (source === 'none') return 'not set'
  return source === 'default' ? 'default' : from
}
