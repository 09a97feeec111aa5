// What a round counts for, in the unit of its scenario.
import { MIB } from './generator/workloads.ts'
import type { Round } from './measure.ts'
import type { ScenarioFigures } from './results.ts'

export function figureOf({ unit, ...scenario }: ScenarioFigures, round: Round): number {
  const { bytes, operations, seconds } = round
  if (unit === 'MiB/s') return bytes / seconds / MIB
  return (operations * scenario.objectsPerRequest) / seconds
}

/** Undefined for servers whose process is not ours to look at. */
export function serverMicroseconds({ serverCpuSeconds, asked }: Round): number | undefined {
  return serverCpuSeconds === undefined ? undefined : (serverCpuSeconds * 1e6) / asked
}

export function generatorMicroseconds({ generatorCpuSeconds, asked }: Round): number {
  return (generatorCpuSeconds * 1e6) / asked
}
