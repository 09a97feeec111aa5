/**
 * `npm run bench`: the scenarios against Coffer and whatever else is given, in turns, so that what
 * the machine does meanwhile strikes all alike. README.md here says how to run it.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { removeBuckets } from './buckets.ts'
import { coffer, type Contestant, endpoint, minio } from './contestants.ts'
import { measureDisk } from './disk-speed.ts'
import { openGenerator } from './generator-process.ts'
import type { Timing } from './generator/load.ts'
import { findLimitObstacle, measureMemory } from './memory.ts'
import { listFailed, renderRun, writeBenchmarksPage } from './page.ts'
import { readProcessFigures } from './process-figures.ts'
import { keepResults, type MemoryFigures, type Results, type ScenarioFigures } from './results.ts'
import { type Course, type Running, runScenario } from './rounds.ts'
import { SCENARIOS } from './scenarios.ts'
import { measureStarts, REST_MS } from './starts.ts'
import { runWarp } from './warp.ts'

const { values: given } = parseArgs({
  options: {
    /** Only scenarios whose name holds this text; `none` for none. */
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '0.5' },
    /** The program of MinIO. */
    minio: { type: 'string' },
    /** The program of warp. */
    warp: { type: 'string' },
    /** Another Coffer's src/cli/main.ts, to compare two versions. */
    other: { type: 'string' },
    /** `name=url`; keys come from the environment. */
    endpoint: { type: 'string', multiple: true, default: [] },
    /** Where the servers keep what they are given: the disk that is measured. */
    folder: { type: 'string', default: tmpdir() },
    /** Neither starts nor memory: only the scenarios. */
    'scenarios-only': { type: 'boolean', default: false },
    /** Prints the page and writes nothing. */
    dry: { type: 'boolean', default: false },
  },
})

const contestants: readonly Contestant[] = [
  coffer('Coffer'),
  ...(given.minio === undefined ? [] : [minio('MinIO', given.minio)]),
  ...(given.other === undefined ? [] : [coffer('other Coffer', given.other)]),
  ...given.endpoint.map((text) => {
    const [name = '', url = ''] = text.split(/=(.*)/s)
    return endpoint(name, url)
  }),
]
const timing: Timing = { warmUpSeconds: Number(given['warm-up']), seconds: Number(given.seconds) }
const rounds = Number(given.rounds)
const folder = await mkdtemp(join(given.folder, 'coffer-bench-'))
const generator = openGenerator()
process.once('exit', () => {
  generator.stop()
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const began = performance.now()
const results = await runAll()
if (given.dry) process.stdout.write(`\n${renderRun(results).join('\n\n')}\n`)
else {
  keepResults(results)
  writeBenchmarksPage()
}
generator.stop()
if (listFailed(results).length > 0) process.exitCode = 1

type Loaded = Pick<Results, 'scenarios' | 'warp'> & {
  readonly afterAll: ReadonlyMap<string, number>
}

async function runAll(): Promise<Results> {
  const [loadBefore = 0] = loadavg()
  const disk = await measureDisk(folder)
  const isWhole = !given['scenarios-only']
  const starts = isWhole ? await measureStarts(contestants, { folder, rounds }) : []
  const { scenarios, warp, afterAll } = await runScenarios()
  const memory: MemoryFigures[] = []
  for (const contestant of contestants.filter(({ isOurs }) => isOurs)) {
    const { name } = contestant
    const afterAllBytes = afterAll.get(name)
    const underLoad = isWhole ? await measureMemory(contestant, { folder, timing, generator }) : {}
    memory.push({
      contestant: name,
      ...(afterAllBytes !== undefined && { afterAllBytes }),
      ...underLoad,
    })
  }
  return {
    kind: 'bench',
    at: new Date().toISOString(),
    minutes: (performance.now() - began) / 60_000,
    machine: describeMachine(),
    loadBefore,
    disk,
    contestants: contestants.map(({ name, version }) => ({ name, version })),
    timing,
    rounds,
    starts,
    scenarios,
    memory,
    ...(warp && { warp }),
    skipped: await listSkipped(),
  }
}

async function runScenarios(): Promise<Loaded> {
  const run = `bench-${Date.now().toString(36)}`
  const course: Course = { run, rounds, timing, folder, generator }
  const running: Running[] = []
  try {
    for (const contestant of contestants) {
      const { name } = contestant
      running.push({ name, server: await contestant.start(join(folder, name)) })
    }
    const scenarios: ScenarioFigures[] = []
    for (const scenario of SCENARIOS.filter(({ name }) => name.includes(given.only))) {
      scenarios.push(await runScenario(scenario, { running, course }))
    }
    await rest(REST_MS)
    const afterAll = await memoryOfEach(running)
    const warp =
      given.warp === undefined ? {} : { warp: await runWarp(given.warp, { running, folder }) }
    return { scenarios, afterAll, ...warp }
  } finally {
    for (const { server } of running) {
      if (server.pid === undefined) await removeBuckets(server.keys, run)
      await server.stop()
    }
  }
}

async function memoryOfEach(running: readonly Running[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const { name, server } of running) {
    const figures = server.pid === undefined ? undefined : await readProcessFigures(server.pid)
    if (figures !== undefined) found.set(name, figures.rssAnonBytes)
  }
  return found
}

async function listSkipped(): Promise<Results['skipped']> {
  const obstacle = await findLimitObstacle()
  return [
    ...(given.minio === undefined
      ? [{ what: 'MinIO and the bars against it', why: 'no program was given by --minio' }]
      : []),
    ...(given.warp === undefined ? [{ what: 'warp', why: 'no program was given by --warp' }] : []),
    ...(obstacle === undefined ? [] : [{ what: 'the group of 512 MB', why: obstacle }]),
    ...(given['scenarios-only']
      ? [{ what: 'starts and memory', why: 'only scenarios were asked for' }]
      : []),
    ...(given.only === '' ? [] : [{ what: 'other scenarios', why: `--only ${given.only}` }]),
  ]
}

function describeMachine(): string {
  const [cpu] = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const model = cpu?.model ?? 'CPU'
  return `${cpus().length} × ${model}, ${gibibytes} GiB, Linux ${release()}, Node ${process.version}`
}
