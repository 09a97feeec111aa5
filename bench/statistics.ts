// Medians and what lies around them. What is undefined was not measured, and does not count.
export type Spread = { readonly median: number; readonly low: number; readonly high: number }

type Figure = number | undefined

export function findSpread(figures: readonly Figure[]): Spread | undefined {
  const sorted = figures
    .filter((figure) => figure !== undefined)
    .toSorted((one, other) => one - other)
  const below = sorted[Math.floor((sorted.length - 1) / 2)]
  const above = sorted[Math.floor(sorted.length / 2)]
  const [low] = sorted
  const high = sorted.at(-1)
  if (below === undefined || above === undefined) return undefined
  if (low === undefined || high === undefined) return undefined
  return { median: (below + above) / 2, low, high }
}

/**
 * How many times one figure the other is, round by round: whatever slowed the machine in a round
 * slowed both.
 */
export function findRatios(
  figures: readonly Figure[],
  others: readonly Figure[],
): Spread | undefined {
  const ratios = figures.map((figure, at) => {
    const other = others[at]
    return figure === undefined || other === undefined ? undefined : figure / other
  })
  return findSpread(ratios)
}
