/**
 * Overwrites and deletes for an hour: what the folder takes against what lives in it, and how long
 * writes take while segments are compacted. The feed keeps an entry of 500 bytes for each of them,
 * so a small live set would be small beside it.
 *
 * node bench/growth/churn.ts --minutes 60 --live-mib 16384
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { coffer } from '../contestants.ts'
import {
  type ChurnLoad,
  openChurnLoad,
  type Sample,
  SIZE_CLASSES,
  type SizeClass,
} from './churn-load.ts'
import { createBucket } from './create-bucket.ts'
import { type CatalogUse, type DiskUse, measureCatalog, measureDiskUse } from './disk-use.ts'
import { type GrowthRow, judge, keepResults, round } from './results.ts'

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'live-mib': { type: 'string', default: '16384' },
    'largest-kib': { type: 'string', default: '1024' },
    connections: { type: 'string', default: '16' },
    /** Where the folder is made: the disk that is measured. */
    folder: { type: 'string', default: tmpdir() },
    /** Seconds between samples. */
    every: { type: 'string', default: '60' },
    dry: { type: 'boolean', default: false },
  },
})

const BUCKET = 'churn'
const MIB = 1024 * 1024
const DISK_BAR = 1.3
const LATENCY_BAR = 3
const THROUGHPUT_BAR = 0.9

type Moment = Sample & {
  readonly seconds: number
  readonly disk: DiskUse
  readonly liveBytes: number
}

const folder = await mkdtemp(join(given.folder, 'growth-churn-'))
try {
  const { moments, catalog } = await churn()
  const rows = describeRun(moments, catalog)
  const title = `Churn: ${given.minutes} minutes, ${given['live-mib']} MiB alive, bodies of 1 to ${given['largest-kib']} KiB`
  if (given.dry) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
  else await keepResults('churn', { title, rows })
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function churn(): Promise<{ moments: readonly Moment[]; catalog: CatalogUse }> {
  const server = await coffer('Coffer').start(folder)
  const moments: Moment[] = []
  try {
    await createBucket(server.keys, BUCKET)
    const load = await openChurnLoad(server.keys, {
      bucket: BUCKET,
      liveBytes: Number(given['live-mib']) * MIB,
      largestBytes: Number(given['largest-kib']) * 1024,
      connections: Number(given.connections),
    })
    await load.fill()
    const running = load.run().finally(() => load.stop())
    await Promise.race([running, watch(load, moments)])
    load.stop()
    await running
  } finally {
    await server.stop()
  }
  return { moments, catalog: await measureCatalog(folder) }
}

async function watch(load: ChurnLoad, moments: Moment[]): Promise<void> {
  const samples = Math.round((Number(given.minutes) * 60) / Number(given.every))
  for (let count = 0; count < samples; count += 1) {
    const began = performance.now()
    await sleep(Number(given.every) * 1000)
    const seconds = (performance.now() - began) / 1000
    const moment = { ...load.sample(), seconds, liveBytes: load.liveBytes() }
    moments.push({ ...moment, disk: await measureDiskUse(folder) })
    process.stdout.write(`${describeMoment(moments.at(-1)!)}\n`)
  }
}

function describeMoment(moment: Moment): string {
  const { disk, liveBytes, writes, bytes, seconds, latency } = moment
  const classes = SIZE_CLASSES.map(({ name }) => {
    const { medianMs = 0, p99Ms = 0, maxMs = 0 } = latency[name] ?? {}
    return `${name} ${medianMs.toFixed(1)}/${p99Ms.toFixed(1)}/${maxMs.toFixed(0)} ms`
  })
  return [
    `disk ${ratioOf(moment).toFixed(3)}x of ${mib(liveBytes)} MiB`,
    `catalog ${mib(disk.catalogBytes)} MiB, segments ${mib(disk.segmentBytes)} MiB, files ${mib(disk.fileBytes)} MiB`,
    `${Math.round(writes / seconds)} writes/s, ${mib(bytes / seconds)} MiB/s`,
    ...classes,
  ].join(' · ')
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB)
}

function ratioOf({ disk, liveBytes }: Moment): number {
  return disk.totalBytes / liveBytes
}

function describeRun(moments: readonly Moment[], catalog: CatalogUse): readonly GrowthRow[] {
  const ratios = moments.map(ratioOf)
  const tenMinutes = Math.max(1, Math.round(600 / Number(given.every)))
  const rate = (part: readonly Moment[]): number =>
    sum(part.map(({ writes }) => writes)) / sum(part.map(({ seconds }) => seconds))
  const share = rate(moments.slice(-tenMinutes)) / rate(moments.slice(0, tenMinutes))
  return [
    judge({
      what: 'disk use against live bytes, highest sample',
      bar: DISK_BAR,
      measured: round(Math.max(...ratios), 3),
      unit: 'x',
      note: `the folder as du counts it, feed and catalog included; median ${round(median(ratios), 3)}x`,
    }),
    { what: 'catalog at the end', measured: mib(catalog.totalBytes), unit: 'MiB' },
    {
      what: "free pages among the catalog's",
      measured: round((catalog.freeBytes / catalog.totalBytes) * 100, 1),
      unit: '%',
      note: `the feed takes ${mib(catalog.feedBytes)} MiB of it and is kept by its own setting`,
    },
    ...SIZE_CLASSES.flatMap(({ name }) => describeLatency(name, moments)),
    judge({
      what: 'writes per second in the last ten minutes against the first',
      bar: THROUGHPUT_BAR,
      atLeast: true,
      measured: round(share, 3),
      unit: 'x',
      note: `${Math.round(rate(moments))} writes/s in all; none was refused`,
    }),
  ]
}

/** The slowest write in a hundred, minute by minute, against the median of the whole run. */
function describeLatency(name: SizeClass, moments: readonly Moment[]): readonly GrowthRow[] {
  const found = moments.flatMap(({ latency }) => latency[name] ?? [])
  if (found.length === 0) return []
  const medianMs = median(found.map((each) => each.medianMs))
  const worst = (times: readonly number[]): number => round(Math.max(...times) / medianMs, 2)
  return [
    judge({
      what: `PUT of ${name}: 99th percentile of the worst minute against the median`,
      bar: LATENCY_BAR,
      measured: worst(found.map(({ p99Ms }) => p99Ms)),
      unit: 'x',
      note: [
        `median ${round(medianMs, 1)} ms`,
        `95th percentile ${worst(found.map(({ p95Ms }) => p95Ms))}x`,
        `slowest single write ${worst(found.map(({ maxMs }) => maxMs))}x`,
      ].join(', '),
    }),
  ]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}
