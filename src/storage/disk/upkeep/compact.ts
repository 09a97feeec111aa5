import type { CompactionReport, UpkeepOptions } from '../../maintenance.ts'
import type { SegmentFile } from '../bodies/bodies.ts'
import { getLiveBytes } from '../catalog/catalog.ts'
import { encodeNumber } from '../catalog/key-encoding.ts'
import { NOBODY } from '../catalog/committer.ts'
import { emptySegment } from './empty-segment.ts'
import { createPace, type Pace } from './pace.ts'
import type { UpkeepState } from './upkeep-state.ts'

export type CompactionOptions = UpkeepOptions & {
  /** Stops when segments take at most this many times what lives in them. */
  readonly targetRatio: number
}

/** What remains of the segments when nothing more is worth moving. */
export const TIGHT_RATIO = 1.02
/** Freeing less than this share of a segment is not worth rewriting the rest. */
const LARGEST_LIVE_SHARE = 0.98

type MeasuredSegment = SegmentFile & { readonly liveBytes: number }
type Progress = { segmentsRemoved: number; bytesMoved: number; bytesFreed: number }

/**
 * Rewrites the segments with the least alive in them until the target is reached or nothing is left
 * to gain. Reads and writes go on; a kill at any moment loses nothing.
 */
export async function compactTo(
  state: UpkeepState,
  options: CompactionOptions,
): Promise<CompactionReport> {
  const pace = createPace(options, state.clock)
  const progress = { segmentsRemoved: 0, bytesMoved: 0, bytesFreed: 0 }
  const passed = new Set<number>()
  for (;;) {
    options.signal?.throwIfAborted()
    const segments = await measureSegments(state)
    const chosen = chooseSegment(segments, passed, options.targetRatio)
    if (chosen === undefined) return { ...progress, ...totalsOf(segments) }
    passed.add(chosen.segment)
    await rewrite(state, { chosen, pace, progress })
  }
}

export async function measureSegments(state: UpkeepState): Promise<readonly MeasuredSegment[]> {
  const segments = await state.bodies.segments.list()
  return segments.map((segment) => ({
    ...segment,
    liveBytes: getLiveBytes(state.tables, segment.segment),
  }))
}

export function totalsOf(segments: readonly MeasuredSegment[]): {
  readonly totalBytes: number
  readonly liveBytes: number
} {
  return {
    totalBytes: segments.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
    liveBytes: segments.reduce((total, { liveBytes }) => total + liveBytes, 0),
  }
}

/** The segment with the smallest live share, as long as the whole is above its target. */
function chooseSegment(
  segments: readonly MeasuredSegment[],
  passed: ReadonlySet<number>,
  targetRatio: number,
): MeasuredSegment | undefined {
  const { totalBytes, liveBytes } = totalsOf(segments)
  if (totalBytes <= liveBytes * targetRatio) return undefined
  const [first] = segments
    .filter(({ segment, sizeBytes }) => sizeBytes > 0 && !passed.has(segment))
    .toSorted((one, other) => liveShare(one) - liveShare(other))
  return first !== undefined && liveShare(first) < LARGEST_LIVE_SHARE ? first : undefined
}

function liveShare({ liveBytes, sizeBytes }: MeasuredSegment): number {
  return liveBytes / sizeBytes
}

async function rewrite(
  state: UpkeepState,
  work: {
    readonly chosen: MeasuredSegment
    readonly pace: Pace
    readonly progress: Progress
  },
): Promise<void> {
  const { chosen, pace, progress } = work
  const { segment, sizeBytes } = chosen
  if (chosen.active) await state.bodies.segments.roll()
  const { outcome, bytesMoved } = await emptySegment(state, segment, pace)
  progress.bytesMoved += bytesMoved
  if (outcome !== 'emptied') return
  await state.bodies.segments.remove(segment)
  await state.committer.commit(NOBODY, (draft) => {
    draft.remove(state.tables.segments, encodeNumber(BigInt(segment)))
  })
  progress.segmentsRemoved += 1
  progress.bytesFreed += sizeBytes - bytesMoved
}
