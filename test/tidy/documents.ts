/** The documents that are generated. `npm run docs` writes them; the tidy test compares them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BENCHMARKS_PAGE, renderLastBenchmarks } from '../../bench/page.ts'
import { CONFIGURATION_PAGE, renderConfigurationPage } from '../../src/app/configuration-page.ts'
import { CONFORMANCE_PAGE, renderLastRun } from '../conformance/page.ts'
import { COMMANDS_PAGE, renderCommandsPage } from '../../src/cli/commands-page.ts'
import { CLIENTS_PAGE, renderClientsPage } from './clients-page.ts'
import { COMPATIBILITY_PAGE, renderCompatibilityPage } from './compatibility-page.ts'

export type GeneratedDocument = {
  readonly path: string
  readonly render: () => string | Promise<string>
}

export const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: CONFIGURATION_PAGE, render: renderConfigurationPage },
  { path: COMMANDS_PAGE, render: renderCommandsPage },
  { path: COMPATIBILITY_PAGE, render: renderCompatibilityPage },
  { path: CLIENTS_PAGE, render: renderClientsPage },
  { path: CONFORMANCE_PAGE, render: renderLastRun },
  { path: BENCHMARKS_PAGE, render: renderLastBenchmarks },
]

if (import.meta.main) {
  for (const { path, render } of DOCUMENTS) {
    writeFileSync(join(import.meta.dirname, '../..', path), await render())
  }
}
