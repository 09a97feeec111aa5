// Every account in memory: answers that show owners cannot wait for a table.
import type { TablesDatabase } from '../../../tables/tables.ts'
import { type Accounts, listAccounts } from '../accounts.ts'
import { toAccountRecord } from './account-records.ts'

/** The accounts as they were when they were last loaded. */
export type KeptAccounts = Accounts & { load(): Promise<void> }

export function createKeptAccounts(database: TablesDatabase): KeptAccounts {
  let kept = listAccounts([])
  return {
    describe: (id) => kept.describe(id),
    findByCanonicalId: (canonicalId) => kept.findByCanonicalId(canonicalId),
    findByEmail: (email) => kept.findByEmail(email),
    async load() {
      const rows = await database.selectFrom('accounts').selectAll().execute()
      kept = listAccounts(rows.map(toAccountRecord))
    },
  }
}
