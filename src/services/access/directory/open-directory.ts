import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import type { Random } from '../../../base/random.ts'
import type { Tables } from '../../../tables/tables.ts'
import { type Account, DEFAULT_ACCOUNT_ID, rootOf } from '../caller.ts'
import { createAccountRecords, ensureDefaultAccount } from './account-records.ts'
import { applyIdentities } from '../identities-file/apply-identities.ts'
import type { Directory, RootKeys } from './directory.ts'
import { createGroupRecords } from './group-records.ts'
import { createKeptAccounts } from './kept-accounts.ts'
import { createKeptCallers } from './kept-callers.ts'
import { createKeyRecords } from './key-records.ts'
import { createPolicyRecords } from './policy-records.ts'
import { startRevisionWatch } from './revision-watch.ts'
import { openRows } from './rows.ts'
import { createUserRecords } from './user-records.ts'

export type DirectoryOptions = {
  readonly tables: Tables
  /** Of the default account. They are no rows, and work even when the tables do not. */
  readonly rootKeys: RootKeys
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whoever else keeps what the directory says, such as other threads. */
  readonly listeners?: DirectoryListeners
}

/** Who hears of changes. */
export type DirectoryListeners = {
  /** What was kept counts no more, and these are the accounts. A change waits for it. */
  changed(accounts: readonly Account[]): Promise<void>
  /** What is kept is true now. */
  seen(): void
}

/** The default account exists, and the directory watches the tables until it is closed. */
export async function openDirectory(options: DirectoryOptions): Promise<Directory> {
  const { tables, rootKeys, clock, listeners } = options
  const owners = createKeptAccounts(tables.database)
  const callers = createKeptCallers()
  const watch = await startRevisionWatch({
    ...options,
    async onChange() {
      await owners.load()
      callers.forget()
      await listeners?.changed(owners.list())
    },
    onSeen: () => listeners?.seen(),
  })
  const rows = openRows(tables, watch)
  await ensureDefaultAccount(rows, clock).catch((error: unknown) => {
    watch.stop()
    throw error
  })
  const root = { secret: rootKeys.secret, caller: rootOf(DEFAULT_ACCOUNT_ID) }
  return {
    async findKey(accessKey) {
      if (accessKey === rootKeys.accessKey) return root
      await watch.assertFresh()
      return callers.find(accessKey, rows)
    },
    getCaller: (identity) => callers.load(identity, rows),
    owners,
    accounts: createAccountRecords(rows, options),
    users: createUserRecords(rows, options),
    keys: createKeyRecords(rows, options),
    groups: createGroupRecords(rows, options),
    policies: createPolicyRecords(rows, options),
    applyIdentities: (identities) => applyIdentities(rows, { identities, ...options }),
    close: () => watch.stop(),
  }
}
