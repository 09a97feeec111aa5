/** Lines of the log as a person at a terminal reads them. */

type Fields = Readonly<Record<string, unknown>>

/** The time of day, what happened, and what is known of it, on one line. */
export function renderTerminalLine(line: string): string {
  const { time, level, event, ...facts }: Fields = JSON.parse(line)
  const clock = String(time).slice('2026-11-21T'.length, '2026-11-21T01:14:09'.length)
  const said = event === 'request' ? renderRequest(facts) : `${String(event)}${renderFacts(facts)}`
  return `${clock} ${level === 'info' ? '' : `${String(level)}: `}${printable(said)}\n`
}

function renderRequest({ method, path, status, durationMs, errorCode, cutOff }: Fields): string {
  const words = [method, path, status, errorCode, `${String(durationMs)} ms`, cutOff && 'cut off']
  return words
    .filter((word) => word !== undefined)
    .map(String)
    .join(' ')
}

function renderFacts(facts: Fields): string {
  return Object.entries(facts)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('')
}

/** Clients choose what they ask for; it must not move anybody's cursor. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
