import type {
  Counter,
  Histogram,
  HistogramFamily,
  Labels,
  Meter,
  MetricFamily,
  Readings,
} from './meter.ts'

/** The figures of one thread as plain values that can be sent to another one. */
export type ThreadMetrics = readonly FamilyFigures[]

export type FamilyFigures = { readonly family: MetricFamily; readonly samples: readonly Sample[] }

export type Sample = {
  readonly labels: Labels
  /** Of a histogram, the sum of what was observed. */
  readonly value: number
  /** Of a histogram, how many fell into each bucket; the last one has no upper bound. */
  readonly counts?: readonly number[]
}

/** Remembers what was measured in this thread. */
export interface Registry extends Meter {
  /** Everything as it is now, families in the order in which they were declared. */
  collect(): Promise<ThreadMetrics>
}

type Series = { readonly labels: Labels; readonly sample: () => Sample }

type Declared = { readonly family: MetricFamily; readonly series: Series[] }

type Source = () => Readings | Promise<Readings>

/** Remembers nothing yet. `onFailure` hears of sources that could not be read. */
export function createRegistry(onFailure: (error: unknown) => void): Registry {
  const declared = new Map<string, Declared>()
  const sources: Source[] = []
  const declare = (family: MetricFamily): Declared => {
    const found = declared.get(family.name)
    if (found !== undefined) return found
    const made: Declared = { family, series: [] }
    declared.set(family.name, made)
    return made
  }
  const readSource = async (source: Source): Promise<Readings> => {
    try {
      const readings = await source()
      for (const { family, labels = {} } of readings) assertLabels(family, labels)
      return readings
    } catch (error) {
      onFailure(error)
      return []
    }
  }
  return {
    counter(family, labels = {}) {
      assertLabels(family, labels)
      const { counter, sample } = countFrom(labels)
      declare(family).series.push({ labels, sample })
      return counter
    },
    histogram(family, labels = {}) {
      assertLabels(family, labels)
      const { histogram, sample } = distribute(family, labels)
      declare(family).series.push({ labels, sample })
      return histogram
    },
    read(families, read) {
      for (const family of families) declare(family)
      sources.push(read)
    },
    async collect() {
      const read = (await Promise.all(sources.map(readSource))).flat()
      const readings = Map.groupBy(read, ({ family }) => family.name)
      return Array.from(declared.values(), ({ family, series }) => ({
        family,
        samples: [
          ...series.map(({ sample }) => sample()),
          ...(readings.get(family.name) ?? []).map(({ labels = {}, value }) => ({ labels, value })),
        ],
      }))
    },
  }
}

function assertLabels({ name, labels = [] }: MetricFamily, given: Labels): void {
  const names = Object.keys(given).join(', ')
  if (names === labels.join(', ')) return
  throw new TypeError(
    `${name} was declared with the labels [${labels.join(', ')}], not [${names}].`,
  )
}

function countFrom(labels: Labels): { readonly counter: Counter; readonly sample: () => Sample } {
  let value = 0
  return {
    counter: {
      add(amount) {
        value += amount
      },
    },
    sample: () => ({ labels, value }),
  }
}

function distribute(
  { bounds }: HistogramFamily,
  labels: Labels,
): { readonly histogram: Histogram; readonly sample: () => Sample } {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  let sum = 0
  return {
    histogram: {
      observe(value) {
        let at = 0
        while (at < bounds.length && value > bounds[at]!) at += 1
        counts[at]! += 1
        sum += value
      },
    },
    sample: () => ({ labels, value: sum, counts: [...counts] }),
  }
}
