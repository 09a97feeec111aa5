// The bars that Coffer holds itself to, and whether a run met them.
import { figureOf } from './figures.ts'
import type { Results, ScenarioFigures, UnderLoad } from './results.ts'
import { ratiosOf, spreadOf } from './statistics.ts'

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
  const { scenario, bar, contestants } = figures
  const ratesOf = (name: string): readonly number[] | undefined =>
    contestants
      .find(({ contestant }) => contestant === name)
      ?.rounds.map((round) => figureOf(figures, round))
  const [ours, peer] = [ratesOf(OURS), ratesOf(PEER)]
  if (bar === undefined || ours === undefined || peer === undefined) return []
  const { median } = ratiosOf(ours, peer)
  return [
    {
      what: scenario,
      wanted: `${bar}x ${PEER}`,
      measured: `${median.toFixed(2)}x`,
      isMet: median >= bar,
      missing: 1 - median / bar,
    },
  ]
}

function judgeStart({ starts }: Results): readonly JudgedBar[] {
  const ours = starts.find(({ contestant }) => contestant === OURS)
  if (ours === undefined) return []
  const startMs = spreadOf(ours.firstMs).median
  return [
    {
      what: 'start to first ListBuckets',
      wanted: `under ${START_MS} ms`,
      measured: `${startMs.toFixed(0)} ms`,
      isMet: startMs < START_MS,
      missing: startMs / START_MS - 1,
    },
    atMost('RssAnon at rest', AT_REST_BYTES, spreadOf(ours.rssAnonBytes).median),
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

function judgeUpload(what: string, { atRestBytes, upload }: UnderLoad): JudgedBar {
  if ('failure' in upload) {
    const wanted = `under ${megabytes(UPLOAD_ADDS_BYTES)}`
    return { what, wanted, measured: upload.failure, isMet: false, missing: 1 }
  }
  return atMost(what, UPLOAD_ADDS_BYTES, Math.max(0, upload.bytes - atRestBytes))
}

function atMost(what: string, bar: number, bytes: number): JudgedBar {
  return {
    what,
    wanted: `at most ${megabytes(bar)}`,
    measured: megabytes(bytes),
    isMet: bytes <= bar,
    missing: bytes / bar - 1,
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
