import { destination, pino } from 'pino'

/** Structured lines about what happens. Passed in, never imported; credentials never go into it. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A log whose lines also carry `fields`. */
  with(fields: LogFields): Log
}

/** An `error` field is written with its stack and its causes; bigints as decimal strings. */
export type LogFields = Readonly<Record<string, unknown>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type LogOptions = {
  readonly level: LogLevel
  /** Receives whole lines of JSON. Standard error when absent. */
  readonly write?: (line: string) => void
}

type Lines = Pick<ReturnType<typeof pino>, 'debug' | 'info' | 'warn' | 'error' | 'child'>

/**
 * A write for every few kilobytes or tenth of a second, and at exit; lines are lost only to kill
 * -9.
 */
const STANDARD_ERROR = { dest: 2, sync: false, minLength: 4096, periodicFlush: 100 } as const

export function createLog({ level, write }: LogOptions): Log {
  const options = {
    level,
    base: null,
    messageKey: 'event',
    errorKey: 'error',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return wrap(pino(options, write === undefined ? destination(STANDARD_ERROR) : { write }))
}

/** Drops everything. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
}

function wrap(lines: Lines): Log {
  return {
    debug: (event, fields = {}) => lines.debug(fields, event),
    info: (event, fields = {}) => lines.info(fields, event),
    warn: (event, fields = {}) => lines.warn(fields, event),
    error: (event, fields = {}) => lines.error(fields, event),
    with: (fields) => wrap(lines.child(fields)),
  }
}
