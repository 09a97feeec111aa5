// The bars that Coffer holds itself to, and whether a run met them.
import { figuresOf, isFailed } from './figures.ts'
import { showMegabytes } from './markdown.ts'
import type { Failed, Results, ScenarioFigures, UnderLoad } from './results.ts'
import { findRatios, findSpread } from './statistics.ts'

/** The server whose figures are the measure, in the same run. */
export const PEER = 'MinIO'
export const OURS = 'Coffer'

export type JudgedBar = {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly isMet: boolean
  /** How much of the bar is missing or exceeded, as a part of it. */
  readonly missing: number
}

const START_MS = 1000
const AT_REST_BYTES = 120e6
const AFTER_LOAD_BYTES = 300e6
const UPLOAD_ADDS_BYTES = 100e6

export function judgeBars(results: Results): readonly JudgedBar[] {
  return [
    ...results.scenarios.flatMap(judgeScenario),
    ...judgeStart(results),
    ...judgeMemory(results),
  ]
}

function judgeScenario(figures: ScenarioFigures): readonly JudgedBar[] {
  const { scenario: what, bar, contestants } = figures
  const hasPeer = contestants.some(({ contestant }) => contestant === PEER)
  if (bar === undefined || !hasPeer) return []
  const ratios = findRatios(figuresOf(figures, OURS), figuresOf(figures, PEER))
  const wanted = `${bar}x ${PEER}`
  if (ratios === undefined) return [unknown({ what, wanted, measured: 'no round' })]
  const { median } = ratios
  const missing = 1 - median / bar
  return [{ what, wanted, measured: `${median.toFixed(2)}x`, isMet: median >= bar, missing }]
}

function judgeStart({ starts }: Results): readonly JudgedBar[] {
  const ours = starts.find(({ contestant }) => contestant === OURS)
  const startMs = findSpread(ours?.firstMs ?? [])?.median
  const atRestBytes = findSpread(ours?.rssAnonBytes ?? [])?.median
  if (startMs === undefined || atRestBytes === undefined) return []
  return [
    {
      what: 'start to first ListBuckets',
      wanted: `under ${START_MS} ms`,
      measured: `${startMs.toFixed(0)} ms`,
      isMet: startMs < START_MS,
      missing: startMs / START_MS - 1,
    },
    atMost('RssAnon at rest', AT_REST_BYTES, atRestBytes),
  ]
}

function judgeMemory({ memory }: Results): readonly JudgedBar[] {
  const ours = memory.find(({ contestant }) => contestant === OURS)
  if (ours === undefined) return []
  const { afterAllBytes, free, limited } = ours
  return [
    ...(afterAllBytes === undefined
      ? []
      : [atMost('RssAnon after all scenarios', AFTER_LOAD_BYTES, afterAllBytes)]),
    ...(free === undefined ? [] : [judgeUpload('an upload of 5 GiB adds', free)]),
    ...(limited === undefined
      ? []
      : [judgeUpload('an upload of 5 GiB adds, in a group of 512 MB', limited)]),
  ]
}

function judgeUpload(what: string, load: UnderLoad | Failed): JudgedBar {
  const wanted = `at most ${showMegabytes(UPLOAD_ADDS_BYTES)}`
  if (isFailed(load)) return unknown({ what, wanted, measured: load.failure })
  const { atRestBytes, upload } = load
  if (isFailed(upload)) return unknown({ what, wanted, measured: upload.failure })
  return atMost(what, UPLOAD_ADDS_BYTES, Math.max(0, upload.bytes - atRestBytes))
}

function atMost(what: string, bar: number, bytes: number): JudgedBar {
  return {
    what,
    wanted: `at most ${showMegabytes(bar)}`,
    measured: showMegabytes(bytes),
    isMet: bytes <= bar,
    missing: bytes / bar - 1,
  }
}

/** What could not be measured is not met. */
function unknown(bar: Omit<JudgedBar, 'isMet' | 'missing'>): JudgedBar {
  return { ...bar, isMet: false, missing: 1 }
}
