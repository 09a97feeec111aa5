import { createLog, type Log } from '../base/log.ts'
import type { Configuration } from './settings/settings.ts'
import { renderTerminalLine } from './terminal-line.ts'

/** The log of this thread, on standard error: lines for people on a terminal, JSON elsewhere. */
export function openLog(
  { logLevel: level }: Configuration,
  { isTerminal }: { readonly isTerminal: boolean },
): Log {
  return createLog({ level, ...(isTerminal && { write: writeToTerminal }) })
}

function writeToTerminal(line: string): void {
  process.stderr.write(renderTerminalLine(line))
}
