/** What a run found out, kept as data so that the next one can be compared with it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** With the first line of what the test said. */
export type Outcome = 'passed' | `${'failed' | 'skipped'}: ${string}`

export type Results = {
  readonly commit: string
  /** YYYY-MM-DD */
  readonly date: string
  readonly selection: Readonly<Record<string, Outcome>>
  /** How many of the suite's other tests passed, when they were last run. */
  readonly rest?: { readonly date: string; readonly passed: number }
}

export const RESULTS_FILE: string = join(
  import.meta.dirname,
  '../../docs/conformance/s3-tests.json',
)

export function readResults(): Results | undefined {
  if (!existsSync(RESULTS_FILE)) return undefined
  const results: Results = JSON.parse(readFileSync(RESULTS_FILE, 'utf8'))
  return results
}

export function countPassed(outcomes: Iterable<Outcome>): number {
  return Iterator.from(outcomes)
    .filter((outcome) => outcome === 'passed')
    .toArray().length
}

/** Tests that passed and no longer do, and the other way round. */
export function compareResults(before: Results, now: Results): readonly string[] {
  return Object.entries(now.selection).flatMap(([name, outcome]) => {
    const was = before.selection[name] ?? 'not run'
    return was === outcome ? [] : [`${name}: ${was} → ${outcome}`]
  })
}
