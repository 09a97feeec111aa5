/** What scrub, compact and backup have in common: a task for the folder, told line by line. */
import { Option, type Command } from 'commander'
import { ConfigurationError, readConfiguration } from '../app/config.ts'
import { runMaintenance, type MaintenanceTask } from '../protocols/admin/maintenance-task.ts'
import type { FindingKind } from '../storage/maintenance.ts'
import { EXIT_CODES } from './explain-error.ts'
import { runOnFolder } from './folder-access.ts'
import { printLines } from './print-lines.ts'
import { addSettings } from './settings.ts'

export type MaintenanceOptions = { readonly folder?: string; readonly bytesPerSecond?: string }

/** Findings that are damage; the others cost nobody a byte. */
const DAMAGE: readonly unknown[] = ['row', 'bytes', 'missing'] satisfies readonly FindingKind[]

/** The arguments that every maintenance command takes. */
export function addMaintenanceOptions(command: Command): Command {
  command.addOption(new Option('--bytes-per-second <number>', 'read and write no faster than this'))
  return addSettings(command)
}

/** The task is done and its lines are printed; the exit code tells of damage that a scrub found. */
export async function maintain(task: MaintenanceTask, options: MaintenanceOptions): Promise<void> {
  const { folder, bytesPerSecond } = options
  const configuration = readConfiguration({ folder })
  const rate = bytesPerSecond === undefined ? {} : { bytesPerSecond: readRate(bytesPerSecond) }
  const lines = runOnFolder(configuration, {
    call: { method: 'POST', path: `/coffer/${task.kind}`, query: toQuery(task, options) },
    run: ({ maintenance }) => runMaintenance(maintenance, task, rate),
  })
  await printLines(watchForDamage(lines))
}

function toQuery(
  task: MaintenanceTask,
  { bytesPerSecond }: MaintenanceOptions,
): Readonly<Record<string, string>> {
  return {
    ...(task.kind === 'backup' ? { target: task.folder } : {}),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  }
}

function readRate(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new ConfigurationError(`--bytes-per-second is "${text}", which is not a whole number.`)
}

async function* watchForDamage(lines: AsyncIterable<unknown>): AsyncGenerator {
  for await (const line of lines) {
    if (isDamage(line)) process.exitCode = EXIT_CODES.damaged
    yield line
  }
}

function isDamage(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'kind' in line && DAMAGE.includes(line.kind)
}
