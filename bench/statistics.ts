// Medians and what lies around them.
export type Spread = { readonly median: number; readonly low: number; readonly high: number }

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const below = sorted[Math.floor((sorted.length - 1) / 2)]
  const above = sorted[Math.floor(sorted.length / 2)]
  const [low] = sorted
  const high = sorted.at(-1)
  if (below === undefined || above === undefined || low === undefined || high === undefined) {
    throw new RangeError('Nothing was measured.')
  }
  return { median: (below + above) / 2, low, high }
}

/**
 * How many times one figure the other is, round by round: whatever slowed the machine in a round
 * slowed both.
 */
export function ratiosOf(figures: readonly number[], others: readonly number[]): Spread {
  const ratios = figures.flatMap((figure, at) => {
    const other = others[at]
    return other === undefined ? [] : [figure / other]
  })
  return spreadOf(ratios)
}
