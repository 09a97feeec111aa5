/** Standard output line by line, no faster than the reader of the output reads. */
import { once } from 'node:events'
import { EXIT_CODES } from './explain-error.ts'

/** Every value is printed, as JSON if nothing else is said. */
export async function printLines<Value>(
  values: AsyncIterable<Value>,
  render: (value: Value) => string = (value) => JSON.stringify(value),
): Promise<void> {
  // Whoever read has seen enough, as `head` does.
  process.stdout.once('error', () => process.exit(EXIT_CODES.ok))
  for await (const value of values) await printText(render(value))
}

export async function printLine(value: unknown): Promise<void> {
  await printText(JSON.stringify(value))
}

export async function printText(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain')
}
