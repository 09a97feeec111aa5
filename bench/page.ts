// docs/benchmarks.md, from what the last run and the measurements beside it have left.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeBars, type JudgedBar, OURS, PEER } from './bars.ts'
import {
  figuresOf,
  generatorMicroseconds,
  isFailed,
  readRounds,
  serverMicroseconds,
} from './figures.ts'
import { COMPARED_BYTES } from './generator/reply-reader.ts'
import {
  paragraph,
  show,
  showMegabytes,
  showPrecisely,
  showRatio,
  showSpread,
  table,
} from './markdown.ts'
import type { Round } from './measure.ts'
import { REMARKS } from './remarks.ts'
import {
  type Failed,
  findLastResults,
  type FurtherTable,
  readFurtherTables,
  type Results,
  type ScenarioFigures,
  type UnderLoad,
} from './results.ts'
import { findRatios, findSpread } from './statistics.ts'

export const BENCHMARKS_PAGE = 'docs/benchmarks.md'

const HEAD = `# Benchmarks

Written by \`npm run bench\` and \`npm run docs\`; do not edit. \`bench/README.md\` says how to run it.
`

export function renderLastBenchmarks(): string {
  const results = findLastResults()
  const further = readFurtherTables()
  const parts = results === undefined ? ['Nothing has been measured yet.'] : renderRun(results)
  return `${[HEAD.trim(), ...parts, ...further.map(renderFurther)].join('\n\n')}\n`
}

export function writeBenchmarksPage(): void {
  writeFileSync(join(import.meta.dirname, '..', BENCHMARKS_PAGE), renderLastBenchmarks())
}

/** The parts of the page that are about one run. */
export function renderRun(results: Results): readonly string[] {
  return [
    renderMachine(results),
    renderBars(results),
    renderScenarios(results),
    renderCosts(results),
    ...(results.starts.length === 0 ? [] : [renderStarts(results)]),
    renderMemory(results),
    ...(results.warp === undefined ? [] : [renderWarp(results.warp)]),
    renderMethod(results),
    ...renderList('Failed', listFailed(results)),
    ...renderList(
      'Not measured',
      results.skipped.map(({ what, why }) => `${what}: ${why}`),
    ),
  ]
}

function renderMachine({ at, minutes, machine, loadBefore, disk, contestants }: Results): string {
  const versions = contestants.map(({ name, version }) => `- ${name}: ${version}`)
  return `- ${at.slice(0, 10)}, ${minutes.toFixed(0)} minutes
- ${machine}; the servers and the load generator share it
- Load average before: ${loadBefore.toFixed(2)}
- ${disk.mounted}: ${show(disk.newBlocks)} MiB/s to new blocks, ${show(disk.sameBlocks)} MiB/s to
  the same blocks again, ${show(disk.syncsPerSecond)} synced writes of 4 KiB per second
${versions.join('\n')}`
}

function renderBars(results: Results): string {
  const bars = judgeBars(results)
  const met = bars.filter(({ isMet }) => isMet).length
  const rows = bars.map((bar) => [bar.what, bar.wanted, bar.measured, verdictOn(bar)])
  return [
    '## Bars',
    `${met} of ${bars.length} are met. A ratio is the median of the ratios within each round.`,
    table(['work', 'bar', 'measured', 'met'], rows),
  ].join('\n\n')
}

function verdictOn({ what, isMet, missing }: JudgedBar): string {
  if (isMet) return 'yes'
  const remark = REMARKS[what]
  return `no, by ${show(missing * 100)} %${remark === undefined ? '' : `: ${remark}`}`
}

function renderScenarios({ scenarios, contestants, rounds, timing }: Results): string {
  const names = contestants.map(({ name }) => name)
  const head = ['work', ...names, ...headRatios(names)]
  const rows = scenarios.map((scenario) => {
    const figures = names.map((name) => figuresOf(scenario, name))
    const [own = []] = figures
    return [
      `${scenario.scenario}, ${scenario.unit}`,
      ...figures.map((values) => showSpread(findSpread(values))),
      ...figures.slice(1).map((values) => showRatio(findRatios(own, values))),
    ]
  })
  return [
    '## Throughput',
    `Rounds: ${rounds}, of ${timing.seconds} seconds each. The median, with the lowest and the highest.`,
    table(head, rows),
  ].join('\n\n')
}

function renderCosts({ scenarios, contestants }: Results): string {
  const names = contestants.map(({ name }) => name)
  const head = [
    'work',
    ...names.map((name) => `${name}: p50 / p99 ms`),
    ...names.map((name) => `${name}: µs`),
    'generator: µs',
  ]
  const rows = scenarios.map((scenario) => [
    scenario.scenario,
    ...names.map((name) => showLatency(scenario, name)),
    ...names.map((name) => showMedian(readRounds(scenario, name, serverMicroseconds))),
    names.map((name) => showMedian(readRounds(scenario, name, generatorMicroseconds))).join(' / '),
  ])
  return [
    '## Latency, and CPU time per request',
    paragraph([
      'CPU time is that of all threads of the server, user and system, divided by the requests. What the generator',
      'used comes on top, once for each server; it has the same cores.',
    ]),
    table(head, rows),
  ].join('\n\n')
}

function renderStarts({ starts }: Results): string {
  const rows = starts.map(({ contestant, firstMs, againMs, rssAnonBytes }) => [
    contestant,
    showSpread(findSpread(firstMs)),
    showSpread(findSpread(againMs)),
    showSpread(findSpread(rssAnonBytes.map((bytes) => bytes / 1e6))),
  ])
  return [
    '## Start',
    paragraph([
      'From the start of the program to its first answer to ListBuckets, in an empty folder and once more in the same.',
      'At rest is two seconds after the first.',
    ]),
    table(['server', 'first start, ms', 'second start, ms', 'RssAnon at rest, MB'], rows),
  ].join('\n\n')
}

function renderMemory({ memory, scenarios }: Results): string {
  const rows = memory.map(({ contestant, afterAllBytes, free, limited }) => [
    contestant,
    showMegabytes(highestOf(scenarios, contestant)),
    showMegabytes(afterAllBytes),
    showUpload(free),
    showUpload(limited),
    showMixed(limited),
    limited === undefined || isFailed(limited) ? '-' : show(limited.killed),
  ])
  const head = [
    'server',
    'highest in all scenarios',
    'after them',
    '5 GiB upload',
    '5 GiB upload in 512 MB',
    'mixed load in 512 MB',
    'killed',
  ]
  return [
    '## Memory',
    paragraph([
      'RssAnon: what is the process’s own; page cache is not. The last four columns are of newly started servers: first an',
      'upload of 5 GiB in one request, at rest → highest; then the mixed load. The group of 512 MB counts page cache.',
    ]),
    table(head, rows),
  ].join('\n\n')
}

function highestOf(scenarios: readonly ScenarioFigures[], name: string): number | undefined {
  const seen = scenarios.flatMap((scenario) =>
    readRounds(scenario, name, ({ rssAnonBytes }) => rssAnonBytes),
  )
  return findSpread(seen)?.high
}

function showUpload(load: UnderLoad | Failed | undefined): string {
  if (load === undefined) return '-'
  if (isFailed(load)) return load.failure
  if (isFailed(load.upload)) return load.upload.failure
  return `${showMegabytes(load.atRestBytes)} → ${showMegabytes(load.upload.bytes)}`
}

function showMixed(load: UnderLoad | Failed | undefined): string {
  if (load === undefined || isFailed(load)) return '-'
  if (isFailed(load.mixed)) return load.mixed.failure
  return `${showMegabytes(load.mixed.bytes)}, ${show(load.mixed.requestsPerSecond)} requests/s`
}

function renderWarp({ version, secondsEach, runs }: NonNullable<Results['warp']>): string {
  const names = [...new Set(runs.map(({ contestant }) => contestant))]
  const rows = [...new Set(runs.map(({ run }) => run))].map((run) => {
    const figures = names.map(
      (name) => runs.find((one) => one.run === run && one.contestant === name)?.figure,
    )
    const ratios = figures.slice(1).map((other) => findRatios(figures.slice(0, 1), [other])?.median)
    return [run, ...figures.map(show), ...ratios.map((ratio) => `${ratio?.toFixed(2) ?? '-'}x`)]
  })
  return [
    '## warp',
    paragraph([
      `The same servers under ${version}, once for ${secondsEach} seconds each, in objects/s.`,
      'It signs while the clock runs, which leaves the servers less of the machine.',
    ]),
    table(['work', ...names, ...headRatios(names)], rows),
  ].join('\n\n')
}

function renderMethod({ timing }: Results): string {
  return `## How it is measured

- In each round every server has its turn, and another one is first; before each turn the file
  system is synced. A turn has ${timing.warmUpSeconds} seconds to warm up.
- Requests that are under way when the clock starts or stops count in part.
- The generator is a process of its own: raw sockets, one request under way on each connection.
  Every request is signed with the SHA-256 of its payload, as far as possible before the clock
  starts: a signature counts for 15 minutes, so that what is asked twice is signed once. All
  servers get the same requests: same keys, same bodies, which do not compress.
- Every answer is looked at: status, length, ETag (the MD5 of the body), number of keys listed,
  and of each piece that is read the first ${COMPARED_BYTES} bytes are compared. Afterwards some
  of what was written is read, and of what was deleted missed. A round with one wrong answer
  has failed: it does not count, and is named.
- Reads are of what is in the page cache. Writes go to blocks that the file system newly gives
  out; on one mounted with \`discard\` these are new to the disk, too. Objects of 1 MiB and more
  are deleted after each round.
- ${OURS} and ${PEER} run with their defaults. ${PEER} syncs the bytes of an object, but not the
  folder it is renamed into: [durability](durability.md) says what that costs.
- MB are 10^6 bytes; KiB, MiB and GiB are powers of 2.`
}

export function listFailed({ scenarios }: Results): readonly string[] {
  return scenarios.flatMap(({ scenario, contestants }) =>
    contestants.flatMap(({ contestant, rounds }) =>
      rounds.flatMap((round, at) =>
        isFailed(round) ? [`${scenario}, ${contestant}, round ${at + 1}: ${round.failure}`] : [],
      ),
    ),
  )
}

function renderList(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [[`## ${title}`, ...items.map((item) => `- ${item}`)].join('\n')]
}

function renderFurther({ title, measuredAt, machine, rows }: FurtherTable): string {
  const cells = rows.map(({ what, bar, measured, unit = '', met, note = '' }) => [
    what,
    bar === undefined ? '' : withUnit(bar, unit),
    withUnit(measured, unit),
    met === undefined ? '' : met ? 'yes' : 'no',
    note,
  ])
  return [
    `## ${title}`,
    `${measuredAt.slice(0, 10)}, ${machine}`,
    table(['what', 'bar', 'measured', 'met', ''], cells),
  ].join('\n\n')
}

function withUnit(value: string | number, unit: string): string {
  return `${typeof value === 'number' ? value.toLocaleString('en') : value} ${unit}`.trim()
}

function showLatency(scenario: ScenarioFigures, name: string): string {
  const of = (read: (round: Round) => number): string =>
    showMedian(readRounds(scenario, name, read))
  return `${of(({ latency }) => latency.p50)} / ${of(({ latency }) => latency.p99)}`
}

function showMedian(figures: readonly (number | undefined)[]): string {
  return showPrecisely(findSpread(figures)?.median)
}

function headRatios([first = '', ...others]: readonly string[]): readonly string[] {
  return others.map((name) => `${first} / ${name}`)
}
