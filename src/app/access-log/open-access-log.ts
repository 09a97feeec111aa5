/** The access log: who asked for what, and what became of it. docs/monitoring.md has the fields. */
import { open, stat, type FileHandle } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { CounterFamily, Meter } from '../../base/metrics/meter.ts'
import type { AnsweredRequest } from '../../protocols/http/response.ts'
import { renderAccessLine } from './access-line.ts'
import { createLineWriter, type LineWriter } from './line-writer.ts'

const LOST: CounterFamily = {
  kind: 'counter',
  name: 'coffer_access_log_lost_lines_total',
  help: 'Lines of the access log that could not be written, or not in time',
}

export type AccessLog = {
  readonly observe: (answered: AnsweredRequest) => void
  close(): Promise<void>
}

export type AccessLogOptions = {
  /** `stdout`, `stderr`, or the path of a file. */
  readonly place: string
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** How often is looked whether the file has been moved away; ten seconds when absent. */
  readonly lookMs?: number
}

/** Who asks for these every few seconds is no news. */
const UNNOTED: ReadonlySet<string> = new Set(['Health', 'Metrics'])
const STANDARD_STREAMS: ReadonlyMap<string, number> = new Map([
  ['stdout', 1],
  ['stderr', 2],
])
const LOOK_MS = 10_000
/** How often the log says that lines were lost. */
const COMPLAIN_MS = 60_000
const FILE_MODE = 0o640

/** The log takes lines. @throws the system's error when the file cannot be opened */
export async function openAccessLog(options: AccessLogOptions): Promise<AccessLog> {
  const { place, clock } = options
  const stream = STANDARD_STREAMS.get(place)
  const file = stream === undefined ? await open(place, 'a', FILE_MODE) : undefined
  const fd = stream ?? file?.fd ?? -1
  const writer = createLineWriter({ fd, onLost: countLost(options) })
  const rotation = file === undefined ? undefined : followRotation(file, writer, options)
  return {
    observe(answered) {
      if (UNNOTED.has(answered.response.logFields?.operation ?? '')) return
      writer.write(renderAccessLine(answered, clock.now()))
    },
    async close() {
      await writer.close()
      await rotation?.stop()
    },
  }
}

function countLost({
  clock,
  log,
  meter,
}: AccessLogOptions): (lines: number, error: unknown) => void {
  const lost = meter.counter(LOST)
  let complainedMs = -Infinity
  return (lines, error) => {
    lost.add(lines)
    if (clock.monotonicMs() - complainedMs < COMPLAIN_MS) return
    complainedMs = clock.monotonicMs()
    log.warn('access log loses lines', { error })
  }
}

/** A file that was moved or deleted is followed by a new one at its path. */
function followRotation(
  first: FileHandle,
  writer: LineWriter,
  { place, log, lookMs = LOOK_MS }: AccessLogOptions,
): { readonly stop: () => Promise<void> } {
  let current = first
  const look = async (): Promise<void> => {
    const { ino: currentInode } = await current.stat()
    const found = await stat(place).catch(() => undefined)
    if (found?.ino === currentInode) return
    const before = current
    current = await open(place, 'a', FILE_MODE)
    await writer.moveTo(current.fd)
    await before.close()
  }
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.warn('access log not reopened', { error }))
  }, lookMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      await current.close()
    },
  }
}
