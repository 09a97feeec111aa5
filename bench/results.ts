// What a run found, kept as data: bench/results/<day>-<commit>.json.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiskSpeed } from './disk-speed.ts'
import type { Timing } from './generator/load.ts'
import type { Round } from './measure.ts'
import type { Unit } from './scenarios.ts'

export type Results = {
  readonly kind: 'bench'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly minutes: number
  readonly machine: string
  /** Of the last minute: more than a few tenths means that the figures are not to be had. */
  readonly loadBefore: number
  readonly disk: DiskSpeed
  readonly contestants: readonly { readonly name: string; readonly version: string }[]
  readonly timing: Timing
  readonly rounds: number
  readonly starts: readonly StartFigures[]
  readonly scenarios: readonly ScenarioFigures[]
  readonly memory: readonly MemoryFigures[]
  readonly warp?: WarpFigures
  /** What was not measured, and why not. */
  readonly skipped: readonly { readonly what: string; readonly why: string }[]
}

export type StartFigures = {
  readonly contestant: string
  /** On an empty folder, and on the folder of the start before. */
  readonly firstMs: readonly number[]
  readonly againMs: readonly number[]
  /** Nothing asked of it but one list of buckets, a few seconds before. */
  readonly rssAnonBytes: readonly number[]
}

export type ScenarioFigures = {
  readonly scenario: string
  readonly unit: Unit
  readonly objectsPerRequest: number
  readonly bar?: number
  readonly contestants: readonly {
    readonly contestant: string
    readonly rounds: readonly (Round | Failed)[]
  }[]
}

export type MemoryFigures = {
  readonly contestant: string
  /** Some seconds after the last scenario. */
  readonly afterAllBytes?: number
  readonly free?: UnderLoad | Failed
  readonly limited?: UnderLoad | Failed
}

/** One server, newly started, under both loads. */
export type UnderLoad = {
  readonly atRestBytes: number
  /** The highest during an upload of 5 GiB, and how long it took. */
  readonly upload: { readonly bytes: number; readonly seconds: number } | Failed
  readonly mixed: { readonly bytes: number; readonly requestsPerSecond: number } | Failed
  /** How many processes were ended for want of memory; absent without a limit. */
  readonly killed?: number
}

export type Failed = { readonly failure: string }

export type WarpFigures = {
  readonly version: string
  readonly secondsEach: number
  readonly runs: readonly {
    readonly run: string
    readonly contestant: string
    /** Objects per second; absent for a run that failed. */
    readonly figure?: number
  }[]
}

/** What other measurements leave in the same folder, as growth-….json, to be shown as a table. */
export type FurtherTable = {
  readonly title: string
  readonly measuredAt: string
  readonly machine: string
  readonly rows: readonly {
    readonly what: string
    readonly bar?: string | number
    readonly measured: string | number
    readonly unit?: string
    readonly met?: boolean
    readonly note?: string
  }[]
}

const FOLDER = join(import.meta.dirname, 'results')

export function keepResults(results: Results): void {
  const time = results.at.slice(0, 16).replaceAll(':', '').toLowerCase()
  const name = `bench-${time}.json`
  writeFileSync(join(FOLDER, name), `${JSON.stringify(results, undefined, 1)}\n`)
}

/** Undefined before the first run. */
export function findLastResults(): Results | undefined {
  const [last] = readdirSync(FOLDER)
    .filter((name) => /^bench-.*\.json$/.test(name))
    .toSorted()
    .slice(-1)
  return last === undefined ? undefined : JSON.parse(readText(last))
}

export function readFurtherTables(): readonly FurtherTable[] {
  return readdirSync(FOLDER)
    .filter((name) => /^growth-.*\.json$/.test(name))
    .toSorted()
    .map((name) => JSON.parse(readText(name)))
}

function readText(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}
