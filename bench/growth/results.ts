// What growth was measured to be, as data for the page of benchmarks and as lines for people.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { writeBenchmarksPage } from '../page.ts'

export type GrowthRow = {
  readonly what: string
  /** What the measured figure must not exceed; or, with `atLeast`, not fall below. */
  readonly bar?: number
  readonly measured: number
  readonly unit: string
  readonly met?: boolean
  readonly note?: string
}

type Figure = Omit<GrowthRow, 'met'> & { readonly atLeast?: true }

/** A row with its judgement. */
export function judge({ atLeast, ...row }: Figure): GrowthRow {
  const { bar, measured } = row
  if (bar === undefined) return row
  return { ...row, met: atLeast === true ? measured >= bar : measured <= bar }
}

/** Printed, kept as `bench/results/growth-<name>.json`, and shown on the page. */
export async function keepResults(
  name: string,
  results: { readonly title: string; readonly rows: readonly GrowthRow[] },
): Promise<void> {
  for (const row of results.rows) process.stdout.write(`${describe(row)}\n`)
  const folder = join(import.meta.dirname, '../results')
  await mkdir(folder, { recursive: true })
  const { title, rows } = results
  const kept = { title, measuredAt: new Date().toISOString(), machine: describeMachine(), rows }
  await writeFile(join(folder, `growth-${name}.json`), `${JSON.stringify(kept, undefined, 2)}\n`)
  writeBenchmarksPage()
}

function describe({ what, bar, measured, unit, met, note }: GrowthRow): string {
  const judgement = met === undefined ? '' : `, bar ${bar}: ${met ? 'met' : 'NOT MET'}`
  return `${what}: ${measured} ${unit}${judgement}${note === undefined ? '' : ` (${note})`}`
}

function describeMachine(): string {
  const [cpu] = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpu?.model ?? 'CPU'}, ${gibibytes} GiB, Linux ${release()}, Node ${process.version}`
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits))
}
