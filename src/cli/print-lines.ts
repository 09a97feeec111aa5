/** Standard output line by line, no faster than the reader of the output reads. */
import { once } from 'node:events'
import { EXIT_CODES, explainError } from './explain-error.ts'

/** Every value is printed, as JSON if nothing else is said. */
export async function printLines<Value>(
  values: AsyncIterable<Value>,
  render: (value: Value) => string = (value) => JSON.stringify(value),
): Promise<void> {
  for await (const value of values) await printText(render(value))
}

/**
 * When whoever reads the output has seen enough, as `head` does, the process ends. It fails when
 * the output cannot be written, as to a disk that is full.
 */
export function endWithReader(exitCode: number): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode)
    const { message } = explainError(Object.assign(error, { path: 'standard output' }))
    process.stderr.write(`coffer: ${message}\n`)
    process.exit(EXIT_CODES.failed)
  })
}

export async function printLine(value: unknown): Promise<void> {
  await printText(JSON.stringify(value))
}

/** A terminal is not sent the control characters that names may hold, since it would obey them. */
export async function printText(text: string): Promise<void> {
  if (process.stdout.listenerCount('error') === 0) endWithReader(EXIT_CODES.ok)
  const shown = process.stdout.isTTY ? text.replaceAll(CONTROLS, '\ufffd') : text
  if (!process.stdout.write(`${shown}\n`)) await once(process.stdout, 'drain')
}

// oxlint-disable-next-line no-control-regex -- these are meant
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
