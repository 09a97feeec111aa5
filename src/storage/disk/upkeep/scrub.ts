import type { FindingKind, ScrubEvent, UpkeepOptions } from '../../maintenance.ts'
import { createPace } from './pace.ts'
import { readBodies } from './scrub-bodies.ts'
import { scrubCounts } from './scrub-counts.ts'
import { scrubLeftovers } from './scrub-leftovers.ts'
import { scrubOtherRows } from './scrub-other-rows.ts'
import type { ScrubProgress } from './scrub-progress.ts'
import { scrubRows } from './scrub-rows.ts'
import type { UpkeepState } from './upkeep-state.ts'

/**
 * Reads every body, then every row, then compares what names bodies with what they count, and the
 * folder with the catalog. Tells what is wrong and ends with a summary. Changes nothing.
 */
export async function* scrub(
  state: UpkeepState,
  options: UpkeepOptions = {},
): AsyncGenerator<ScrubEvent, void> {
  const { clock } = state
  const { signal } = options
  const startedAtMs = clock.monotonicMs()
  const pace = createPace(options, clock)
  const progress: ScrubProgress = { versions: 0, bodies: 0, bytes: 0, signal, damaged: new Map() }
  const findings: Partial<Record<FindingKind, number>> = {}
  await readBodies(state, { progress, pace })
  for (const step of [scrubRows, scrubOtherRows, scrubCounts, scrubLeftovers]) {
    for await (const finding of step(state, progress)) {
      findings[finding.kind] = (findings[finding.kind] ?? 0) + 1
      yield { event: 'finding', ...finding }
    }
  }
  const { versions, bodies, bytes } = progress
  const seconds = (clock.monotonicMs() - startedAtMs) / 1000
  yield { event: 'summary', versions, bodies, bytes, findings, seconds }
}
