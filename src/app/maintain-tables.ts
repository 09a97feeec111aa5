/** Upkeep of a store with tables beside it: a scrub reads them too, a backup takes them along. */
import type { Maintenance, ScrubEvent } from '../storage/maintenance.ts'
import type { Tables } from '../tables/tables.ts'

export const TABLES_FILE = 'tables.sqlite'

/** What maintains the store maintains the tables with it. */
export function withTables(maintenance: Maintenance, tables: Tables): Maintenance {
  const copyTo = (path: string): Promise<void> => tables.copyTo(path)
  return {
    ...maintenance,
    scrub: (options) => scrubBoth(maintenance.scrub(options), tables),
    backup: (folder, options) =>
      maintenance.backup(folder, { ...options, companions: [{ name: TABLES_FILE, copyTo }] }),
  }
}

async function* scrubBoth(
  events: AsyncIterable<ScrubEvent>,
  tables: Tables,
): AsyncGenerator<ScrubEvent> {
  for await (const event of events) {
    if (event.event === 'finding') {
      yield event
      continue
    }
    const problems = await tables.check()
    for (const problem of problems) {
      const message = `${TABLES_FILE}: ${problem}. Restore it from a backup.`
      yield { event: 'finding', kind: 'row', message, objects: [] }
    }
    const { row = 0, ...others } = event.findings
    const found = row + problems.length
    yield { ...event, findings: { ...others, ...(found > 0 && { row: found }) } }
  }
}
