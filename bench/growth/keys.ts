// The keys of a grown bucket, by number: the same ones in every run, and known without asking.

export const BUCKET = 'growth'

/** So many lie in ten prefixes; the list of a million keys reads these. */
export const TEN_OBJECTS = 1_000_000
export const TEN_PREFIX = 'ten/'
const TEN_COUNT = 10

/** A prime near 2^32 / φ: steps through all numbers in an order that looks random. */
const SCATTER = 2_654_435_761

/**
 * The first million go to ten prefixes in turn. Of the rest, one half lies flat and rises as logs
 * do, the other half arrives in no order in 65,536 folders.
 */
export function keyOf(number: number): string {
  if (number < TEN_OBJECTS) return `${TEN_PREFIX}${number % TEN_COUNT}/${digits(number)}`
  const scattered = Math.imul(number, SCATTER) >>> 0
  if (number % 2 === 0) return `flat/${digits(number)}.json`
  const hex = scattered.toString(16).padStart(8, '0')
  return `deep/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${digits(number)}-${hex}.parquet`
}

/** Prefixes of every kind, with `count` of those that only few keys share. */
export function samplePrefixes(objects: number, count: number): readonly string[] {
  const step = Math.max(1, Math.floor(objects / count))
  const picked = Array.from({ length: count }, (_, at) => keyOf((at * step * 31 + at) % objects))
  const folders = picked.map((key) => key.slice(0, key.lastIndexOf('/') + 1))
  const starts = picked.map((key) => key.slice(0, -3))
  const rest = objects > TEN_OBJECTS ? ['deep/', 'deep/7f/', 'flat/', 'flat/0'] : []
  const whole = ['', TEN_PREFIX, `${TEN_PREFIX}7/`, ...rest]
  return [...new Set([...whole, ...folders, ...starts, ...picked])]
}

function digits(number: number): string {
  return number.toString().padStart(9, '0')
}
