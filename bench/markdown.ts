// Figures and tables as text.
import type { Spread } from './statistics.ts'

export function show(value: number | undefined): string {
  return value?.toLocaleString('en', { maximumFractionDigits: 0 }) ?? '-'
}

/** Two digits where one would say nothing. */
export function showPrecisely(value: number | undefined): string {
  return value !== undefined && value < 10 ? value.toPrecision(2) : show(value)
}

export function showSpread(spread: Spread | undefined): string {
  if (spread === undefined) return '-'
  return `${show(spread.median)} (${show(spread.low)}–${show(spread.high)})`
}

export function showRatio(spread: Spread | undefined): string {
  if (spread === undefined) return '-'
  const { median, low, high } = spread
  return `**${median.toFixed(2)}x** (${low.toFixed(2)}–${high.toFixed(2)})`
}

export function showMegabytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${show(bytes / 1e6)} MB`
}

export function paragraph(lines: readonly string[]): string {
  return lines.join('\n')
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // What is said in words is to the left: the first column, and one without a name.
  const rule = head.map((name, at) => (at === 0 || name === '' ? '---' : '--:'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
