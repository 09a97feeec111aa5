// What newly started servers hold under load: an upload larger than memory, then a mixed load. Once
// with the machine to themselves, once held to 512 MB.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { createBucket, removeBucket } from './buckets.ts'
import type { Contestant, RunningContestant } from './contestants.ts'
import { failureOf, isFailed } from './figures.ts'
import type { Generator } from './generator-process.ts'
import type { Timing } from './generator/load.ts'
import { showMegabytes } from './markdown.ts'
import { measureJob, type Round, type Task } from './measure.ts'
import { limitMemory, type MemoryLimit } from './memory-limit.ts'
import { readProcessFigures } from './process-figures.ts'
import type { Failed, MemoryFigures, UnderLoad } from './results.ts'
import { LARGE_UPLOAD, MIXED_LOAD } from './scenarios.ts'
import { REST_MS } from './starts.ts'

export const LIMIT_BYTES: number = 512 * 2 ** 20

export type MemoryCourse = {
  readonly folder: string
  readonly timing: Timing
  readonly generator: Generator
}

export async function measureMemory(
  contestant: Contestant,
  course: MemoryCourse,
): Promise<Pick<MemoryFigures, 'free' | 'limited'>> {
  const free = await measureUnderLoad(contestant, course).catch(failureOf)
  report(`memory · ${contestant.name}`, free)
  const limit = await limitMemory(LIMIT_BYTES).catch(() => undefined)
  if (limit === undefined) return { free }
  try {
    const limited = await measureUnderLoad(contestant, { ...course, limit }).catch(failureOf)
    report(`memory of 512 MB · ${contestant.name}`, limited)
    return { free, limited }
  } finally {
    await limit.remove()
  }
}

/** Why no process can be held to so much memory here; undefined where one can. */
export async function findLimitObstacle(): Promise<string | undefined> {
  try {
    await (await limitMemory(LIMIT_BYTES)).remove()
    return undefined
  } catch (error) {
    return String(error)
  }
}

async function measureUnderLoad(
  contestant: Contestant,
  { folder, timing, generator, limit }: MemoryCourse & { readonly limit?: MemoryLimit },
): Promise<UnderLoad> {
  const place = join(folder, `memory-${contestant.name}`)
  const server = await contestant.start(place, { ...(limit && { limit }) })
  try {
    await rest(REST_MS)
    const atRestBytes = await ownMemoryOf(server)
    const parties = { server, generator }
    const upload = await measureTask({ ...LARGE_UPLOAD, ...timing }, parties)
    const mixed = await measureTask({ ...MIXED_LOAD, ...timing }, parties)
    const killed = await limit?.countKilled()
    return {
      atRestBytes,
      upload: isFailed(upload) ? upload : { bytes: memoryIn(upload), seconds: upload.seconds },
      mixed: isFailed(mixed) ? mixed : { bytes: memoryIn(mixed), requestsPerSecond: rate(mixed) },
      ...(killed !== undefined && { killed }),
    }
  } finally {
    await server.stop()
    await rm(place, { recursive: true, force: true })
  }
}

type Parties = { readonly server: RunningContestant; readonly generator: Generator }

type Load = Omit<Task, 'bucket' | 'prefix' | 'isFilled'>

/** A server that is ended for its use of memory has a figure, too. */
async function measureTask(load: Load, parties: Parties): Promise<Round | Failed> {
  const bucket = `memory-${load.workload.kind}`
  const { keys } = parties.server
  try {
    await createBucket(keys, bucket)
    const round = await measureJob({ ...load, bucket, prefix: '', isFilled: false }, parties)
    await removeBucket(keys, bucket)
    return round
  } catch (error) {
    return failureOf(error)
  }
}

async function ownMemoryOf({ pid }: RunningContestant): Promise<number> {
  const figures = pid === undefined ? undefined : await readProcessFigures(pid)
  return figures?.rssAnonBytes ?? NaN
}

function memoryIn({ rssAnonBytes }: Round): number {
  return rssAnonBytes ?? NaN
}

function rate({ operations, seconds }: Round): number {
  return operations / seconds
}

function report(who: string, load: UnderLoad | Failed): void {
  const told = isFailed(load)
    ? `FAILED: ${load.failure}`
    : `at rest ${showMegabytes(load.atRestBytes)}, 5 GiB upload ${describe(load.upload)}, ` +
      `mixed load ${describe(load.mixed)}, ${load.killed ?? 0} killed`
  process.stdout.write(`${who} · ${told}\n`)
}

function describe(load: Failed | { readonly bytes: number }): string {
  return isFailed(load) ? load.failure : showMegabytes(load.bytes)
}
