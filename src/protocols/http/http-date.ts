// Dates as HTTP writes them. @see RFC 9110 §5.6.7

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const RFC_850 = /^[A-Z][a-z]+, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/**
 * The moment that an HTTP date names, in any of the three forms, or `+0000` in place of GMT, as
 * some clients write. `undefined` for anything else, since an invalid date in a condition is
 * ignored.
 */
export function parseHttpDate(text: string): Date | undefined {
  const fixed = IMF_FIXDATE.exec(text.replace(/ [+-]0000$/, ' GMT'))
  if (fixed !== null) {
    const [, day, month, year, ...time] = fixed
    return toDate([year, month, day], time)
  }
  const old = RFC_850.exec(text)
  if (old !== null) {
    const [, day, month, year, ...time] = old
    return toDate([Number(year) < 70 ? `20${year}` : `19${year}`, month, day], time)
  }
  const ancient = ASCTIME.exec(text)
  if (ancient === null) return undefined
  const [, month, day, hour, minute, second, year] = ancient
  return toDate([year, month, day], [hour, minute, second])
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`: the one form in which HTTP dates are written. */
export function formatHttpDate(at: Date): string {
  return at.toUTCString()
}

type Texts = readonly (string | undefined)[]

function toDate([year, monthName, day]: Texts, [hour, minute, second]: Texts): Date | undefined {
  const month = MONTHS.indexOf(monthName ?? '')
  if (month === -1 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return undefined
  }
  const at = new Date(0)
  at.setUTCFullYear(Number(year), month, Number(day))
  at.setUTCHours(Number(hour), Number(minute), Number(second))
  return at.getUTCDate() === Number(day) || Number(second) === 60 ? at : undefined
}
