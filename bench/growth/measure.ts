/**
 * What lists, a start and memory cost in a folder of `make-objects.ts`, through S3 with signed
 * requests against a real server.
 *
 * node bench/growth/measure.ts --folder /tmp/growth-10m --objects 10000000
 */
import { parseArgs } from 'node:util'
import { coffer, type RunningContestant } from '../contestants.ts'
import { openCaller, type S3Caller } from '../generator/caller.ts'
import { makePayloads } from '../generator/payload.ts'
import { readProcessFigures } from '../process-figures.ts'
import { BUCKET, samplePrefixes, TEN_OBJECTS, TEN_PREFIX } from './keys.ts'
import { type GrowthRow, judge, keepResults, round } from './results.ts'

const { values: given } = parseArgs({
  options: { folder: { type: 'string' }, objects: { type: 'string', default: '1000000' } },
})
if (given.folder === undefined) throw new Error('Say where: --folder')
const { folder } = given
const objects = Number(given.objects)

const PAGE_KEYS = 1000
const SAMPLED_PREFIXES = 200
const DELIMITER_LISTS = 50
const FULL_LIST_BAR_SECONDS = 5
const PAGE_BAR_MS = 50
const START_BAR_MS = 2000
const MEMORY_BAR_MB = 300

await killUnderLoad()
const server = await coffer('Coffer').start(folder)
try {
  const rows = await measureAll(server)
  const title = `${objects.toLocaleString('en')} objects in one bucket`
  await keepResults(`${objects}-objects`, { title, rows })
} finally {
  await server.stop()
}

/** A server that is writing loses its process, so that the next one has something to clear away. */
async function killUnderLoad(): Promise<void> {
  const { keys, pid } = await coffer('Coffer').start(folder)
  if (pid === undefined) throw new Error('The server has no process.')
  const payloads = makePayloads(8, 300_000)
  let killed = false
  const write = async (_: unknown, place: number): Promise<void> => {
    const caller = await openCaller(keys)
    for (const payload of [...payloads, ...payloads]) {
      await caller.ask({ method: 'PUT', path: `/${BUCKET}/killed/${place}`, payload })
      // In the middle of what the other connections write.
      if (!killed && place === 0) {
        killed = true
        process.kill(pid, 'SIGKILL')
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: 16 }, write))
  if (ended.every(({ status }) => status === 'fulfilled')) throw new Error('Nothing was cut off.')
}

async function measureAll({ keys, pid, startMs }: RunningContestant): Promise<GrowthRow[]> {
  const caller = await openCaller(keys)
  try {
    return [
      judge({
        what: 'start after kill -9 under writes, to the first answer',
        bar: START_BAR_MS,
        measured: round(startMs ?? 0),
        unit: 'ms',
      }),
      await measureFullList(caller, pid),
      await measureFirstPages(caller),
      await measureDelimiter(caller),
      await measureMemory(pid),
    ]
  } finally {
    caller.close()
  }
}

async function measureFullList(caller: S3Caller, pid: number | undefined): Promise<GrowthRow> {
  const cpuBefore = await readCpuSeconds(pid)
  const began = performance.now()
  let listed = 0
  let token: string | undefined
  do {
    const continued = token === undefined ? {} : { 'continuation-token': token }
    const page = await list(caller, { prefix: TEN_PREFIX, ...continued })
    listed += countKeys(page)
    token = findText(page, 'NextContinuationToken')
  } while (token !== undefined)
  const seconds = (performance.now() - began) / 1000
  const expected = Math.min(objects, TEN_OBJECTS)
  if (listed !== expected) throw new Error(`${listed} keys were listed, not ${expected}.`)
  const cpuSeconds = (await readCpuSeconds(pid)) - cpuBefore
  return judge({
    what: `${listed.toLocaleString('en')} keys, page by page`,
    bar: FULL_LIST_BAR_SECONDS,
    measured: round(seconds, 2),
    unit: 's',
    note: `${PAGE_KEYS} keys in a page; ${round(cpuSeconds, 2)} s of it are the server's CPU`,
  })
}

async function measureFirstPages(caller: S3Caller): Promise<GrowthRow> {
  const prefixes = samplePrefixes(objects, SAMPLED_PREFIXES)
  const times: number[] = []
  for (const prefix of prefixes) {
    const { page, ms } = await timed(() => list(caller, { prefix }))
    if (countKeys(page) === 0) throw new Error(`Nothing was listed below "${prefix}".`)
    times.push(ms)
  }
  const what = `first page of a prefix, slowest of ${prefixes.length}`
  const slowest = prefixes[times.indexOf(Math.max(...times))]
  const { note, ...figures } = describeTimes(times)
  return judge({ what, ...figures, note: `${note}; slowest "${slowest}"` })
}

async function measureDelimiter(caller: S3Caller): Promise<GrowthRow> {
  const times: number[] = []
  for (let count = 0; count < DELIMITER_LISTS; count += 1) {
    const { page, ms } = await timed(() => list(caller, { prefix: TEN_PREFIX, delimiter: '/' }))
    if (page.split('<CommonPrefixes>').length !== 11) throw new Error(`Not ten prefixes: ${page}`)
    times.push(ms)
  }
  const what = `ten common prefixes of a million keys, slowest of ${times.length}`
  return judge({ what, ...describeTimes(times) })
}

async function measureMemory(pid: number | undefined): Promise<GrowthRow> {
  const { rssAnonBytes = 0 } = (pid === undefined ? undefined : await readProcessFigures(pid)) ?? {}
  return judge({
    what: 'RssAnon after all that',
    bar: MEMORY_BAR_MB,
    measured: round(rssAnonBytes / 1e6),
    unit: 'MB',
  })
}

type Times = {
  readonly bar: number
  readonly measured: number
  readonly unit: string
  note: string
}

function describeTimes(times: readonly number[]): Times {
  const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
  return {
    bar: PAGE_BAR_MS,
    measured: round(Math.max(...times), 1),
    unit: 'ms',
    note: `median ${round(median, 1)} ms`,
  }
}

async function timed(act: () => Promise<string>): Promise<{ page: string; ms: number }> {
  const began = performance.now()
  const page = await act()
  return { page, ms: performance.now() - began }
}

async function list(caller: S3Caller, query: Readonly<Record<string, string>>): Promise<string> {
  const whole = { 'list-type': '2', 'max-keys': String(PAGE_KEYS), ...query }
  const { body } = await caller.ask({ method: 'GET', path: `/${BUCKET}`, query: whole })
  return body
}

function countKeys(page: string): number {
  return page.split('<Contents>').length - 1
}

function findText(page: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(page)?.[1]
}

async function readCpuSeconds(pid: number | undefined): Promise<number> {
  return (pid === undefined ? undefined : await readProcessFigures(pid))?.cpuSeconds ?? 0
}
