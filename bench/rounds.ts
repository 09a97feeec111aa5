// One scenario: every server has its turn in every round.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createBucket, removeBucket } from './buckets.ts'
import type { RunningContestant } from './contestants.ts'
import { failureOf, generatorMicroseconds, isFailed, serverMicroseconds } from './figures.ts'
import type { Generator } from './generator-process.ts'
import type { Timing } from './generator/load.ts'
import { MIB } from './generator/workloads.ts'
import { measureJob, type Round } from './measure.ts'
import type { Failed, ScenarioFigures } from './results.ts'
import { objectsPerRequest, type Scenario } from './scenarios.ts'

export type Running = { readonly name: string; readonly server: RunningContestant }

export type Course = {
  /** Begins the names of all buckets, so that a server that had an earlier run knows none. */
  readonly run: string
  readonly rounds: number
  readonly timing: Timing
  readonly folder: string
  readonly generator: Generator
}

export async function runScenario(
  scenario: Scenario,
  { running, course }: { readonly running: readonly Running[]; readonly course: Course },
): Promise<ScenarioFigures> {
  const found = new Map<string, (Round | Failed)[]>(running.map(({ name }) => [name, []]))
  for (let round = 0; round < course.rounds; round += 1) {
    for (const { name, server } of inTurn(running, round)) {
      const result = await runRound(server, { scenario, round, course }).catch(failureOf)
      found.get(name)?.push(result)
      process.stdout.write(`${scenario.name} · ${name} · ${describe(result)}\n`)
    }
  }
  return {
    scenario: scenario.name,
    unit: scenario.unit,
    objectsPerRequest: objectsPerRequest(scenario),
    ...(scenario.bar !== undefined && { bar: scenario.bar }),
    contestants: [...found].map(([contestant, rounds]) => ({ contestant, rounds })),
  }
}

/** Whoever goes first meets a machine at rest: everybody does so once. */
export function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  const first = round % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

type RoundOf = { readonly scenario: Scenario; readonly round: number; readonly course: Course }

async function runRound(
  server: RunningContestant,
  { scenario, round, course }: RoundOf,
): Promise<Round> {
  const { workload, connections } = scenario
  const kept = keptBucket(scenario)
  const bucket = `${course.run}-${kept ?? `${slug(scenario.name)}-${round}`}`
  const isNew = await createBucket(server.keys, bucket)
  await settleDisk(course.folder)
  const load = { workload, connections, ...course.timing }
  const result = await measureJob(
    { ...load, bucket, prefix: `${round}/`, isFilled: !isNew },
    { server, generator: course.generator },
  )
  if (isLarge(scenario)) await removeBucket(server.keys, bucket)
  return result
}

/** What is only read is stored once, for all rounds and for all numbers of connections. */
function keptBucket({ workload }: Scenario): string | undefined {
  if (workload.kind === 'get' || workload.kind === 'head') return `stored-${workload.sizeBytes}`
  if (workload.kind === 'list' || workload.kind === 'mixed') return workload.kind
  return undefined
}

/** What would fill the disk goes after its round. */
function isLarge({ workload }: Scenario): boolean {
  if (workload.kind === 'put') return workload.sizeBytes >= MIB
  return workload.kind === 'multipart' || workload.kind === 'put-one'
}

/** Names of buckets have 63 letters at most. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
}

/** What another has left in the page cache is not written in the next one's time. */
export async function settleDisk(folder: string): Promise<void> {
  await promisify(execFile)('sync', ['-f', folder]).catch(() => undefined)
}

function describe(round: Round | Failed): string {
  if (isFailed(round)) return `FAILED: ${round.failure}`
  const { operations, bytes, seconds, latency } = round
  return [
    `${(operations / seconds).toFixed(0)}/s`,
    `${(bytes / seconds / MIB).toFixed(0)} MiB/s`,
    `p50 ${latency.p50.toFixed(2)} ms`,
    `p99 ${latency.p99.toFixed(2)} ms`,
    `server ${serverMicroseconds(round)?.toFixed(0) ?? '-'} µs`,
    `generator ${generatorMicroseconds(round).toFixed(0)} µs`,
  ].join(', ')
}
