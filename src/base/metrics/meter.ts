/**
 * What is measured is declared where it is measured; what becomes of the figures is decided above.
 * Names follow Prometheus: seconds and bytes, `_total` for what only grows.
 * @see https://prometheus.io/docs/practices/naming/
 */

export type CounterFamily = Family<'counter'>
export type GaugeFamily = Family<'gauge'>
export type HistogramFamily = Family<'histogram'> & {
  /** Upper bounds of the buckets, rising; what is above the last is counted too. */
  readonly bounds: readonly number[]
}
export type MetricFamily = CounterFamily | GaugeFamily | HistogramFamily

type Family<Kind extends string> = {
  readonly kind: Kind
  readonly name: `coffer_${string}`
  /** One sentence for people, without its full stop. */
  readonly help: string
  /** Names of its labels. Their values must be few: never buckets, keys or addresses. */
  readonly labels?: readonly string[]
}

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(amount: number): void
}

export interface Histogram {
  observe(value: number): void
}

/** A figure as it is at this moment. */
export type Reading = {
  readonly family: CounterFamily | GaugeFamily
  readonly labels?: Labels
  readonly value: number
}

/** Takes measurements. What counts often is asked for once, and costs nanoseconds from then on. */
export interface Meter {
  /** The counter of these labels, which starts at 0. */
  counter(family: CounterFamily, labels?: Labels): Counter
  histogram(family: HistogramFamily, labels?: Labels): Histogram
  /** `read` is asked for its figures at each scrape. They are left out when it throws. */
  read(families: readonly Reading['family'][], read: () => Readings | Promise<Readings>): void
}

export type Readings = readonly Reading[]

/** Forgets everything. */
export const silentMeter: Meter = {
  counter: () => ({ add() {} }),
  histogram: () => ({ observe() {} }),
  read() {},
}
