// docs/benchmarks.md, from the results of one run.
import type { Round, Timing } from './measure.ts'

export type Results = {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly commit: string
  readonly machine: string
  readonly timing: Timing
  readonly rounds: number
  readonly atRest: readonly {
    readonly contestant: string
    readonly startMs?: number
    readonly rssAnonBytes?: number
  }[]
  readonly measured: readonly {
    readonly scenario: string
    readonly unit: 'requests/s' | 'MiB/s' | 'objects/s'
    readonly bar?: number | undefined
    readonly contestants: readonly {
      readonly contestant: string
      readonly rounds: readonly Round[]
    }[]
  }[]
}

export function renderPage(results: Results): string {
  const { at, commit, machine, rounds, timing } = results
  return `# Benchmarks

Written by \`npm run bench\`; do not edit. Every figure is the median of ${rounds} rounds of
${timing.seconds} seconds, with the lowest and the highest round; the servers took turns in each.
The generator signs every payload and shares the machine with them.

- Commit ${commit}, ${at}
- ${machine}

${renderAtRest(results)}

${renderScenarios(results)}
`
}

function renderAtRest({ atRest }: Results): string {
  const rows = atRest.map(
    ({ contestant, startMs, rssAnonBytes }) =>
      `| ${contestant} | ${startMs?.toFixed(0) ?? '-'} ms | ${toMebibytes(rssAnonBytes)} |`,
  )
  return [
    '| server | start to first answer | RssAnon at rest |',
    '| --- | --: | --: |',
    ...rows,
  ].join('\n')
}

function toMebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${(bytes / 2 ** 20).toFixed(0)} MiB`
}

function renderScenarios({ measured, atRest }: Results): string {
  const names = atRest.map(({ contestant }) => contestant)
  const [first = '', ...others] = names
  const head = [
    'work',
    ...names,
    ...others.map((name) => `${first} / ${name}`),
    'bar',
    'CPU per request',
  ]
  const rows = measured.map(({ scenario, unit, bar, contestants }) => {
    const figures = contestants.map(({ rounds }) =>
      spread(rounds.map((round) => rate(round, unit))),
    )
    const own = figures[0]?.median ?? 0
    return [
      `${scenario}, ${unit}`,
      ...figures.map(({ median, low, high }) => `${show(median)} (${show(low)}–${show(high)})`),
      ...figures.slice(1).map(({ median }) => `${(own / median).toFixed(2)}x`),
      bar === undefined ? '' : `${bar}x`,
      contestants.map(({ rounds }) => cpuPerRequest(rounds)).join(' / '),
    ]
  })
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('\n')
}

const KEYS_PER_BATCH = 500

function rate({ operations, bytes, seconds }: Round, unit: string): number {
  if (unit === 'MiB/s') return bytes / seconds / 2 ** 20
  return (operations / seconds) * (unit === 'objects/s' ? KEYS_PER_BATCH : 1)
}

type Spread = { readonly median: number; readonly low: number; readonly high: number }

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const above = sorted[Math.floor(sorted.length / 2)] ?? 0
  return { median: (middle + above) / 2, low: sorted[0] ?? 0, high: sorted.at(-1) ?? 0 }
}

function show(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 })
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function cpuPerRequest(rounds: readonly Round[]): string {
  const used = rounds.flatMap(({ serverCpuSeconds, operations }) =>
    serverCpuSeconds === undefined ? [] : [(serverCpuSeconds * 1e6) / operations],
  )
  return used.length === 0 ? '-' : `${show(spread(used).median)} µs`
}
