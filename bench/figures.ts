// What the rounds of a scenario come to, in its unit. A round that failed has no figure.
import { MIB } from './generator/workloads.ts'
import type { Round } from './measure.ts'
import type { Failed, ScenarioFigures } from './results.ts'

type Figures = readonly (number | undefined)[]

export function figuresOf(scenario: ScenarioFigures, contestant: string): Figures {
  const { unit, objectsPerRequest } = scenario
  return readRounds(scenario, contestant, ({ bytes, operations, seconds }) =>
    unit === 'MiB/s' ? bytes / seconds / MIB : (operations * objectsPerRequest) / seconds,
  )
}

export function readRounds(
  { contestants }: ScenarioFigures,
  name: string,
  read: (round: Round) => number | undefined,
): Figures {
  const { rounds = [] } = contestants.find(({ contestant }) => contestant === name) ?? {}
  return rounds.map((round) => (isFailed(round) ? undefined : read(round)))
}

export function isFailed(load: object): load is Failed {
  return 'failure' in load
}

export function failureOf(error: unknown): Failed {
  return { failure: error instanceof Error ? error.message : String(error) }
}

/** Undefined for servers whose process is not ours to look at. */
export function serverMicroseconds({ serverCpuSeconds, asked }: Round): number | undefined {
  return serverCpuSeconds === undefined ? undefined : (serverCpuSeconds * 1e6) / asked
}

export function generatorMicroseconds({ generatorCpuSeconds, asked }: Round): number {
  return (generatorCpuSeconds * 1e6) / asked
}
