import { setTimeout as sleep } from 'node:timers/promises'
import { NOBODY } from '../../change-feed.ts'
import type { CompactionReport } from '../../maintenance.ts'
import type { SegmentFile } from '../bodies/bodies.ts'
import { getLiveBytes } from '../catalog/catalog.ts'
import { encodeNumber } from '../catalog/key-encoding.ts'
import { emptySegment, isForgotten } from './empty-segment.ts'
import { createPace, type Pace, type PaceOptions } from './pace.ts'
import type { UpkeepState } from './upkeep-state.ts'

export type CompactionOptions = PaceOptions & {
  /** Stops when segments take at most this many times what lives in them. */
  readonly targetRatio: number
}

/** What remains of the segments when nothing more is worth moving. */
export const TIGHT_RATIO = 1.02
/** Freeing less than this share of a segment is not worth rewriting the rest. */
const LARGEST_LIVE_SHARE = 0.98

/** How long an emptied segment may hold up the end, while what was deleted from it is freed. */
const LAST_WAITS = 20
const WAIT_MS = 50

type MeasuredSegment = SegmentFile & { readonly liveBytes: number }

/** One compaction on its way. */
type Run = {
  readonly state: UpkeepState
  readonly options: CompactionOptions
  readonly pace: Pace
  /** Segments that cannot be rewritten now. */
  readonly passed: Set<number>
  /** Segments in which nothing lives, with their sizes; readers may still hold what was deleted. */
  readonly emptied: Map<number, number>
  hasRolled: boolean
  segmentsRemoved: number
  bytesMoved: number
  bytesFreed: number
}

/**
 * Rewrites the segments with the least alive in them until the target is reached or nothing is left
 * to gain. Reads and writes go on; a kill at any moment loses nothing.
 */
export async function compactTo(
  state: UpkeepState,
  options: CompactionOptions,
): Promise<CompactionReport> {
  const run: Run = {
    state,
    options,
    pace: createPace(options, state.clock),
    passed: new Set(),
    emptied: new Map(),
    hasRolled: false,
    segmentsRemoved: 0,
    bytesMoved: 0,
    bytesFreed: 0,
  }
  for (let waits = 0; ;) {
    options.signal?.throwIfAborted()
    await removeForgotten(run)
    const segments = await measureSegments(state)
    const chosen = chooseSegment(run, segments)
    if (chosen !== undefined) await rewrite(run, chosen)
    else if (run.emptied.size > 0 && waits < LAST_WAITS) {
      waits += 1
      await sleep(WAIT_MS, undefined, options)
    } else {
      await removeHusks(run, segments)
      return reportOf(run, segments)
    }
  }
}

export async function measureSegments(
  state: Pick<UpkeepState, 'bodies' | 'tables'>,
): Promise<readonly MeasuredSegment[]> {
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
  run: Run,
  segments: readonly MeasuredSegment[],
): MeasuredSegment | undefined {
  const left = segments.filter(({ segment }) => !run.emptied.has(segment))
  const { totalBytes, liveBytes } = totalsOf(left)
  if (totalBytes <= liveBytes * run.options.targetRatio) return undefined
  const [first] = left
    .filter(({ segment, sizeBytes }) => sizeBytes > 0 && !run.passed.has(segment))
    // The one that is written to is ended once at most: ending each new one would leave crumbs.
    .filter(({ active }) => !active || !run.hasRolled)
    .toSorted((one, other) => liveShare(one) - liveShare(other))
  return first !== undefined && liveShare(first) < LARGEST_LIVE_SHARE ? first : undefined
}

function liveShare({ liveBytes, sizeBytes }: MeasuredSegment): number {
  return liveBytes / sizeBytes
}

async function rewrite(run: Run, { segment, sizeBytes, active }: MeasuredSegment): Promise<void> {
  if (active) {
    run.hasRolled = true
    await run.state.bodies.segments.roll()
  }
  const { outcome, bytesMoved } = await emptySegment(run.state, segment, run.pace)
  run.bytesMoved += bytesMoved
  run.bytesFreed -= bytesMoved
  if (outcome === 'emptied') run.emptied.set(segment, sizeBytes)
  else run.passed.add(segment)
}

/** Deletes the emptied segments that no reader holds up any more. */
async function removeForgotten(run: Run): Promise<void> {
  const { tables, bodies, committer } = run.state
  for (const [segment, sizeBytes] of run.emptied) {
    if (!isForgotten(tables, segment)) continue
    await bodies.segments.remove(segment)
    await committer.commit(NOBODY, (draft) => {
      draft.remove(tables.segments, encodeNumber(BigInt(segment)))
    })
    run.emptied.delete(segment)
    run.segmentsRemoved += 1
    run.bytesFreed += sizeBytes
  }
}

/** What was the newest segment when it was emptied stayed as a file of no bytes. */
async function removeHusks(run: Run, segments: readonly MeasuredSegment[]): Promise<void> {
  const older = segments.slice(0, -1)
  for (const { segment } of older.filter(({ sizeBytes }) => sizeBytes === 0)) {
    await run.state.bodies.segments.remove(segment)
  }
}

function reportOf(run: Run, segments: readonly MeasuredSegment[]): CompactionReport {
  const { segmentsRemoved, bytesMoved, bytesFreed } = run
  return {
    segmentsRemoved,
    bytesMoved,
    bytesFreed: Math.max(0, bytesFreed),
    ...totalsOf(segments),
  }
}
