// Every account in memory: answers that show owners cannot wait for a table.
import type { TablesDatabase } from '../../../tables/tables.ts'
import { type Accounts, deriveAccount } from '../accounts.ts'
import type { Account } from '../caller.ts'
import { toAccountRecord } from './account-records.ts'

/** The accounts as they were when they were last loaded. */
export type KeptAccounts = Accounts & {
  load(): Promise<void>
  list(): readonly Account[]
}

type Names = ReadonlyMap<string | undefined, Account>

export function createKeptAccounts(database: TablesDatabase): KeptAccounts {
  let byId: Names = new Map()
  let byCanonicalId: Names = byId
  let byEmail: Names = byId
  return {
    describe: (id) => byId.get(id) ?? deriveAccount(id),
    findByCanonicalId: (canonicalId) => byCanonicalId.get(canonicalId),
    findByEmail: (email) => byEmail.get(email),
    list: () => [...byId.values()],
    async load() {
      const rows = await database.selectFrom('accounts').selectAll().execute()
      const accounts = rows.map(toAccountRecord)
      byId = new Map(accounts.map((account) => [account.id, account]))
      byCanonicalId = new Map(accounts.map((account) => [account.canonicalId, account]))
      byEmail = new Map(accounts.map((account) => [account.email, account]))
    },
  }
}
