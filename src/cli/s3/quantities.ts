/** Sizes and times as people write and read them. */
import { ConfigurationError } from '../../app/config.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `1536` as `1.5 KiB`. */
export function renderSize(sizeBytes: number): string {
  let size = sizeBytes
  let unit = 0
  while (size >= 1023.95 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`
}

/** `2026-11-21T00:41:33.000Z` as `2026-11-21 00:41:33`, UTC. */
export function renderTime(at: string): string {
  return at.slice(0, 19).replace('T', ' ')
}

/** `10`, `10k`, `1.5GiB`: powers of 1024, as `renderSize` shows them. @throws ConfigurationError */
export function parseSize(option: string, text: string): number {
  const [, digits, letter = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? []
  if (digits === undefined) {
    throw new ConfigurationError(
      `${option} is "${text}", which is no size such as 100, 64k or 1GiB.`,
    )
  }
  return Math.round(Number(digits) * 1024 ** ' kmgtp'.indexOf(letter.toLowerCase() || ' '))
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `90`, `90s`, `15m`, `1h`, `7d`, in seconds. @throws ConfigurationError */
export function parseDuration(option: string, text: string): number {
  const [, digits, unit = 's'] = /^(\d+)([smhdw]?)$/.exec(text) ?? []
  if (digits === undefined) {
    throw new ConfigurationError(`${option} is "${text}", which is no time such as 90s, 1h or 7d.`)
  }
  return Number(digits) * (SECONDS[unit || 's'] ?? 1)
}

/** A date, or how long ago. @throws ConfigurationError */
export function parseMoment(option: string, text: string, now: Date): Date {
  if (/^\d+[smhdw]$/.test(text)) {
    return new Date(now.getTime() - parseDuration(option, text) * 1000)
  }
  const at = new Date(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime())) return at
  throw new ConfigurationError(
    `${option} is "${text}", which is no 2026-11-21 and no time like 7d.`,
  )
}
