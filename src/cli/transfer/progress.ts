/** How far a long transfer is, on the last line of a terminal. */
import type { Clock } from '../../base/clock.ts'
import { renderSize } from '../s3/quantities.ts'

export interface Progress {
  /** So much more is to come. */
  expect(sizeBytes: number): void
  /** So much is done, now or by an earlier run. */
  add(sizeBytes: number): void
  /** The line is gone, so that something else can be printed. */
  clear(): void
  close(): void
}

export type Terminal = Pick<NodeJS.WriteStream, 'columns' | 'write'>

/** Short transfers are over before they need a bar. */
const PATIENCE_MS = 1000
const REDRAW_MS = 200
const DEFAULT_COLUMNS = 80
const CLEAR_LINE = '\r\x1b[K'

export const NO_PROGRESS: Progress = { expect() {}, add() {}, clear() {}, close() {} }

export function openProgress(terminal: Terminal, clock: Clock): Progress {
  const startMs = clock.monotonicMs()
  let expectedBytes = 0
  let doneBytes = 0
  let isShown = false
  const draw = (): void => {
    const elapsedMs = clock.monotonicMs() - startMs
    if (elapsedMs < PATIENCE_MS) return
    // Some terminals do not say how wide they are.
    const columns = terminal.columns || DEFAULT_COLUMNS
    terminal.write(CLEAR_LINE + renderProgress({ doneBytes, expectedBytes, elapsedMs, columns }))
    isShown = true
  }
  const clear = (): void => {
    if (isShown) terminal.write(CLEAR_LINE)
    isShown = false
  }
  const timer = setInterval(draw, REDRAW_MS).unref()
  return {
    expect(sizeBytes) {
      expectedBytes += sizeBytes
    },
    add(sizeBytes) {
      doneBytes += sizeBytes
    },
    clear,
    close() {
      clearInterval(timer)
      clear()
    },
  }
}

export type ProgressState = {
  readonly doneBytes: number
  /** 0 when nobody knows, as of standard input. */
  readonly expectedBytes: number
  readonly elapsedMs: number
  readonly columns: number
}

const MAX_BAR_COLUMNS = 40

export function renderProgress(state: ProgressState): string {
  const { doneBytes, expectedBytes, elapsedMs, columns } = state
  const speed = `${renderSize(Math.round((doneBytes * 1000) / elapsedMs))}/s`
  if (expectedBytes === 0) return `${renderSize(doneBytes)}  ${speed}`.slice(0, columns - 1)
  const share = Math.min(1, doneBytes / expectedBytes)
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  const facts = `${percent}  ${renderSize(doneBytes)} of ${renderSize(expectedBytes)}  ${speed}`
  const width = Math.min(MAX_BAR_COLUMNS, columns - facts.length - 5)
  if (width < 5) return facts.slice(0, columns - 1)
  const filled = Math.floor(share * width)
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${facts}`
}
