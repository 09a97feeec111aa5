/** Standard output as lines of JSON, one for each value. */
import { once } from 'node:events'
import { EXIT_CODES } from './explain-error.ts'

/** Every value is printed, no faster than the reader of the output reads. */
export async function printLines(values: AsyncIterable<unknown>): Promise<void> {
  // Whoever read has seen enough, as `head` does.
  process.stdout.once('error', () => process.exit(EXIT_CODES.ok))
  for await (const value of values) await printLine(value)
}

export async function printLine(value: unknown): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, 'drain')
}
