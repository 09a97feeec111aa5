// What Linux says of a process. @see proc(5)
import { readFile } from 'node:fs/promises'

export type ProcessFigures = {
  /** Of all its threads, also those that have ended. */
  readonly cpuSeconds: number
  /** Memory that is its own: mapped files are page cache and do not count. */
  readonly rssAnonBytes: number
}

/** `sysconf(_SC_CLK_TCK)` is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Undefined where there is no such process, or no /proc. */
export async function readProcessFigures(pid: number): Promise<ProcessFigures | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    // The second field, in brackets, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [, kilobytes = '0'] = /^RssAnon:\s+(\d+) kB/m.exec(status) ?? []
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssAnonBytes: Number(kilobytes) * 1024,
    }
  } catch {
    return undefined
  }
}

const WATCH_MS = 100

export type MemoryWatch = {
  /** Ends the watch; the highest that was seen, undefined where there was nothing to see. */
  readonly stop: () => Promise<number | undefined>
}

/** Looks often enough to see what an upload holds, seldom enough to cost nothing. */
export function watchMemory(pid: number | undefined): MemoryWatch {
  let highest: number | undefined
  const look = async (): Promise<void> => {
    const figures = pid === undefined ? undefined : await readProcessFigures(pid)
    if (figures !== undefined) highest = Math.max(highest ?? 0, figures.rssAnonBytes)
  }
  const timer = setInterval(() => void look(), WATCH_MS)
  return {
    async stop() {
      clearInterval(timer)
      await look()
      return highest
    },
  }
}
