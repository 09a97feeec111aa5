import { once } from 'node:events'

/** Every value is on standard output as a line of JSON, written no faster than its reader reads. */
export async function printLines(values: AsyncIterable<unknown>): Promise<void> {
  for await (const value of values) {
    if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, 'drain')
  }
}
