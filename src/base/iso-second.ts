// Dates as lists show them. `toISOString` costs more than all else that is written of an object,
// and neighbours in a list are of few days.

const SECOND_MS = 1000
const DAY_MS = 24 * 60 * 60 * SECOND_MS

let lastDay = Number.NaN
let lastDayText = ''

/** `2026-11-21T02:54:31.000Z`: the date as ISO 8601 writes it, cut to the whole second. */
export function formatIsoSecond(at: Date): string {
  const ms = at.getTime()
  const day = Math.floor(ms / DAY_MS)
  if (day !== lastDay) {
    lastDayText = new Date(day * DAY_MS).toISOString().replace(/T.*/, 'T')
    lastDay = day
  }
  const second = Math.floor((ms - day * DAY_MS) / SECOND_MS)
  const minute = Math.floor(second / 60)
  const time = `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`
  return `${lastDayText}${time}:${twoDigits(second % 60)}.000Z`
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => `${number}`.padStart(2, '0'))

function twoDigits(number: number): string {
  return TWO_DIGITS[number] ?? ''
}
