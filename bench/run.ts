/**
 * `npm run bench`: the scenarios against Coffer and whatever else is given, in turns, so that what
 * the machine does meanwhile strikes all alike. Results go to bench/results and docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { coffer, type Contestant, endpoint, minio, type RunningContestant } from './contestants.ts'
import { measureScenario, type Round, type Timing } from './measure.ts'
import { type Results, renderPage } from './page.ts'
import { readProcessFigures } from './process-figures.ts'
import { type Scenario, SCENARIOS } from './scenarios.ts'

const { values: given } = parseArgs({
  options: {
    /** Only scenarios whose name holds this text. */
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '1' },
    /** The program of MinIO. */
    minio: { type: 'string' },
    /** Another Coffer's src/cli/main.ts, to compare two versions. */
    other: { type: 'string' },
    /** `name=url`, with keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. */
    endpoint: { type: 'string', multiple: true, default: [] },
    /** Where the servers keep what they are given: the disk that is measured. */
    folder: { type: 'string', default: tmpdir() },
    /** Prints figures and writes nothing. */
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
const scenarios = SCENARIOS.filter(({ name }) => name.includes(given.only))
const timing: Timing = { warmUpSeconds: Number(given['warm-up']), seconds: Number(given.seconds) }
const rounds = Number(given.rounds)

const folder = await mkdtemp(join(given.folder, 'coffer-bench-'))
try {
  const results = await runAll()
  if (!given.dry) await keep(results)
} finally {
  await rm(folder, { recursive: true, force: true })
}

type Running = { readonly name: string; readonly server: RunningContestant }

async function runAll(): Promise<Results> {
  const running: Running[] = []
  try {
    for (const contestant of contestants) {
      const { name } = contestant
      running.push({ name, server: await contestant.start(join(folder, name)) })
    }
    const atRest = await Promise.all(running.map(describeAtRest))
    const measured = []
    for (const scenario of scenarios) measured.push(await runScenario(scenario, running))
    return { ...describeRun(), timing, rounds, atRest, measured }
  } finally {
    for (const { server } of running) await server.stop()
  }
}

async function describeAtRest({ name, server }: Running): Promise<Results['atRest'][number]> {
  const figures = server.pid === undefined ? undefined : await readProcessFigures(server.pid)
  return {
    contestant: name,
    ...(server.startMs !== undefined && { startMs: server.startMs }),
    ...(figures && { rssAnonBytes: figures.rssAnonBytes }),
  }
}

async function runScenario(
  scenario: Scenario,
  running: readonly Running[],
): Promise<Results['measured'][number]> {
  const found = new Map<string, Round[]>(running.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    // Whoever goes first meets a machine at rest: everybody does so once.
    const order = [
      ...running.slice(round % running.length),
      ...running.slice(0, round % running.length),
    ]
    for (const { name, server } of order) {
      const result = await measureScenario(server, scenario, { timing, round })
      found.get(name)?.push(result)
      process.stdout.write(`${scenario.name} · ${name} · ${describeRound(result)}\n`)
    }
  }
  const contestantRounds = [...found].map(([contestant, list]) => ({ contestant, rounds: list }))
  return {
    scenario: scenario.name,
    unit: scenario.unit,
    bar: scenario.bar,
    contestants: contestantRounds,
  }
}

function describeRound(round: Round): string {
  const { operations, bytes, seconds, latency, serverCpuSeconds = 0, generatorCpuSeconds } = round
  const microseconds = (cpuSeconds: number): string =>
    `${((cpuSeconds * 1e6) / operations).toFixed(0)} µs`
  return [
    `${(operations / seconds).toFixed(0)}/s`,
    `${(bytes / seconds / 2 ** 20).toFixed(0)} MiB/s`,
    `p50 ${latency.p50.toFixed(2)} ms`,
    `p99 ${latency.p99.toFixed(2)} ms`,
    `server ${microseconds(serverCpuSeconds)}`,
    `generator ${microseconds(generatorCpuSeconds)}`,
  ].join(', ')
}

function describeRun(): Pick<Results, 'at' | 'commit' | 'machine'> {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const [cpu] = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const machine = `${cpus().length} × ${cpu?.model ?? 'CPU'}, ${gibibytes} GiB, Linux ${release()}, Node ${process.version}`
  return { at: new Date().toISOString(), commit, machine }
}

async function keep(results: Results): Promise<void> {
  const place = join(import.meta.dirname, 'results')
  await mkdir(place, { recursive: true })
  const name = `${results.at.slice(0, 10)}-${results.commit}.json`
  await writeFile(join(place, name), `${JSON.stringify(results, undefined, 2)}\n`)
  await writeFile(join(import.meta.dirname, '../docs/benchmarks.md'), renderPage(results))
}
