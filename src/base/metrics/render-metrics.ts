// The figures of all threads as Prometheus reads them.
import type { Labels, MetricFamily } from './meter.ts'
import type { FamilyFigures, Sample, ThreadMetrics } from './registry.ts'

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Figures of the same name and labels are added up, whatever they are: what must not be added
 * is given by one thread only, or has the thread as a label.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function renderMetrics(threads: readonly ThreadMetrics[]): string {
  const families = Map.groupBy(threads.flat(), ({ family }) => family.name)
  return Array.from(families.values(), renderFamily).join('')
}

function renderFamily(figures: readonly FamilyFigures[]): string {
  const { family } = figures[0]!
  const samples = Map.groupBy(
    figures.flatMap((each) => each.samples),
    ({ labels }) => renderLabels(labels),
  )
  const lines = Array.from(samples.values(), (each) => renderSample(family, sumOf(each)))
  const { name, help, kind } = family
  return `# HELP ${name} ${escapeText(help)}.\n# TYPE ${name} ${kind}\n${lines.flat().join('')}`
}

function sumOf(samples: readonly Sample[]): Sample {
  return samples.reduce((sum, { value, counts }) => ({
    labels: sum.labels,
    value: sum.value + value,
    ...(counts && { counts: counts.map((count, at) => count + (sum.counts?.[at] ?? 0)) }),
  }))
}

function renderSample(
  family: MetricFamily,
  { labels, value, counts = [] }: Sample,
): readonly string[] {
  const { name } = family
  if (family.kind !== 'histogram')
    return [`${name}${renderLabels(labels)} ${renderNumber(value)}\n`]
  let total = 0
  const buckets = counts.map((count, at) => {
    total += count
    const le = renderNumber(family.bounds[at] ?? Infinity)
    return `${name}_bucket${renderLabels({ ...labels, le })} ${total}\n`
  })
  const text = renderLabels(labels)
  return [
    ...buckets,
    `${name}_sum${text} ${renderNumber(value)}\n`,
    `${name}_count${text} ${total}\n`,
  ]
}

function renderNumber(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    return `${name}="${escapeText(value).replaceAll('"', '\\"')}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
