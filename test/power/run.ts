// npm run test:power: cuts the power of a store under load many times, breaks the store on purpose
// and expects to see it, and lets disks fail. Prints one JSON report on stdout, progress on stderr;
// exits with 1 when anything was lost.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { COFFER_MAIN, startServer } from '../load/server-process.ts'
import { BROKEN_BUILDS, catchBroken } from './broken-builds.ts'
import { checkCuts, chooseCuts } from './cuts.ts'
import type { CutResult } from './cuts.ts'
import { runFaults } from './faults.ts'
import { inLanes } from './lanes.ts'
import { enterOwnMounts } from './own-mounts.ts'
import { record } from './recording.ts'
import type { Recording } from './recording.ts'
import { MIN_STATES, failuresOf, summarize } from './report.ts'
import type { CutsReport } from './report.ts'
import { undoAll, undoOnInterrupt } from './undo.ts'
import { makeWorkFolder } from './volume.ts'

/** A little more than must be, as the last answers of a recording may fall behind its end. */
const STATES = 1.05 * MIN_STATES
const MIN_STATES_PER_RECORDING = 300
const MIN_RECORDINGS = 5
const MAX_RECORDINGS = 40
const CUTS_PER_RECORDING = 50
/** Many writers share flushes; a single one shows a flush that is missing. */
const PHASES = [16, 4, 1]

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Recordings and broken builds that are under way at once. */
    lanes: { type: 'string', default: '2' },
    /** Some of `cuts,broken,faults`. */
    only: { type: 'string', default: 'cuts,broken,faults' },
    /** The server's entry point, when it is not Coffer's own. */
    main: { type: 'string', default: COFFER_MAIN },
  },
})
const seed = Number(values.seed)
const lanes = Number(values.lanes)

const reason = whyImpossible()
if (reason === undefined) {
  enterOwnMounts()
  await run(values.only.split(','))
} else if (process.env['CI'] === 'true') fail(`Power cuts cannot be tested: ${reason}`)
else say(`Skipped: ${reason}`)

function whyImpossible(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root to mount volumes'
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return undefined
  } catch (cause) {
    return `it needs /dev/fuse: ${String(cause)}`
  }
}

async function run(wanted: readonly string[]): Promise<void> {
  undoOnInterrupt()
  say(`seed ${seed}`)
  try {
    await rememberCompiled()
    const report = {
      seed,
      ...(wanted.includes('cuts') ? { cuts: await runCuts(Number(values.cuts)) } : {}),
      ...(wanted.includes('broken') ? { broken: await runBroken() } : {}),
      ...(wanted.includes('faults') ? { faults: await runFaults(values.main, seed) } : {}),
    }
    const failures = failuresOf(report)
    process.stdout.write(`${JSON.stringify({ ...report, failures }, undefined, 2)}\n`)
    for (const failure of failures) fail(failure)
  } finally {
    await undoAll()
  }
}

/** Each cut starts the server: a graceful first run keeps its compiled modules for the others. */
async function rememberCompiled(): Promise<void> {
  const { path } = await makeWorkFolder()
  process.env['NODE_COMPILE_CACHE'] = join(path, 'compiled')
  const server = await startServer({ folder: join(path, 'store'), main: values.main })
  await server.stop()
}

async function runCuts(count: number): Promise<CutsReport> {
  const started = performance.now()
  const share = Math.ceil(count / CUTS_PER_RECORDING)
  const recordings = Math.min(MAX_RECORDINGS, Math.max(MIN_RECORDINGS, share))
  const states = Math.max(MIN_STATES_PER_RECORDING, Math.ceil(STATES / recordings))
  const jobs = Array.from({ length: recordings }, (_, place) => {
    const cuts = Math.floor(count / recordings) + (place < count % recordings ? 1 : 0)
    return () => recordAndCut({ cuts, states, seed: seed + place * 1000 })
  })
  const done = await inLanes(lanes, jobs)
  const seconds = (performance.now() - started) / 1000
  const results = done.flatMap((job) => job.results)
  return summarize(
    done.map(({ recording }) => recording),
    { results, seconds },
  )
}

type Job = { readonly cuts: number; readonly states: number; readonly seed: number }
type Done = { readonly recording: Recording; readonly results: readonly CutResult[] }

async function recordAndCut(job: Job): Promise<Done> {
  const { path: folder, remove } = await makeWorkFolder()
  const { main } = values
  const started = performance.now()
  const recording = await record({ ...job, folder, main, phases: PHASES })
  const recorded = performance.now()
  const cuts = chooseCuts(recording, { count: job.cuts, seed: job.seed })
  const results: CutResult[] = []
  for await (const result of checkCuts(recording, { cuts, folder, main })) results.push(result)
  const findings = results.flatMap((result) => result.findings).length
  say(
    `recording ${job.seed}: ${secondsBetween(started, recorded)} s, ${recording.end} bytes; ` +
      `${cuts.length} cuts: ${secondsBetween(recorded, performance.now())} s, ${findings} findings`,
  )
  await remove()
  return { recording, results }
}

function secondsBetween(start: number, end: number): string {
  return ((end - start) / 1000).toFixed(1)
}

async function runBroken(): Promise<Awaited<ReturnType<typeof catchBroken>>[]> {
  const jobs = BROKEN_BUILDS.map((build) => async () => {
    const result = await catchBroken(build, seed)
    say(`${build.name}: ${result.isCaught ? 'caught' : 'NOT caught'} in ${result.cuts} cuts`)
    return { ...result, findings: result.findings.slice(0, 2) }
  })
  return [...(await inLanes(lanes, jobs))]
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function fail(text: string): void {
  say(`FAILED: ${text}`)
  process.exitCode = 1
}
