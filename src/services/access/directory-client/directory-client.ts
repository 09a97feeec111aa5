/** A directory that another thread keeps: callers are remembered until news come from there. */
import { createBoundedMap } from '../../../base/bounded-map.ts'
import type { Caller } from '../../../base/calls/caller.ts'
import type { Clock } from '../../../base/clock.ts'
import { type Accounts, listAccounts } from '../accounts.ts'
import type { Account } from '../caller.ts'
import type { Directory, FoundKey } from '../directory/directory.ts'
import { KEPT_CALLERS_MAX } from '../directory/limits.ts'

/** News that the thread with the directory tells. */
export type DirectoryNews = {
  /** Somebody's rights have changed: all that is remembered is forgotten. */
  changed(accounts: readonly Account[]): void
  /** What is remembered is still true. */
  seen(): void
}

export type DirectoryClient = Directory & { readonly news: DirectoryNews }

/** News come every two seconds, and count for less than the five in which a revocation holds. */
const BELIEVED_MS = 4000

/** The directory, for this thread. Nothing is believed before the first news. */
export function createDirectoryClient(caller: Caller, clock: Clock): DirectoryClient {
  const kept = createBoundedMap<string, FoundKey>(KEPT_CALLERS_MAX)
  let generation = 0
  let heardAtMs = -Infinity
  let owners: Accounts = listAccounts([])
  const ask = askOver(caller)
  return {
    async findKey(accessKey) {
      const isBelieved = clock.monotonicMs() - heardAtMs <= BELIEVED_MS
      const known = isBelieved ? kept.get(accessKey) : undefined
      if (known !== undefined) return known
      const begun = generation
      const found = await ask('directory.findKey')<FoundKey | undefined>(accessKey)
      if (found !== undefined && begun === generation) kept.set(accessKey, found)
      return found
    },
    getCaller: ask('directory.getCaller'),
    applyIdentities: ask('directory.applyIdentities'),
    owners: {
      describe: (id) => owners.describe(id),
      findByCanonicalId: (canonicalId) => owners.findByCanonicalId(canonicalId),
      findByEmail: (email) => owners.findByEmail(email),
    },
    accounts: {
      create: ask('accounts.create'),
      get: ask('accounts.get'),
      list: ask('accounts.list'),
      delete: ask('accounts.delete'),
    },
    users: {
      create: ask('users.create'),
      get: ask('users.get'),
      list: ask('users.list'),
      setTags: ask('users.setTags'),
      delete: ask('users.delete'),
    },
    keys: {
      create: ask('keys.create'),
      list: ask('keys.list'),
      setEnabled: ask('keys.setEnabled'),
      delete: ask('keys.delete'),
    },
    groups: {
      create: ask('groups.create'),
      get: ask('groups.get'),
      list: ask('groups.list'),
      addMember: ask('groups.addMember'),
      removeMember: ask('groups.removeMember'),
      delete: ask('groups.delete'),
    },
    policies: {
      put: ask('policies.put'),
      get: ask('policies.get'),
      list: ask('policies.list'),
      delete: ask('policies.delete'),
      attach: ask('policies.attach'),
      detach: ask('policies.detach'),
    },
    close() {},
    news: {
      changed(accounts) {
        generation += 1
        kept.clear()
        owners = listAccounts(accounts)
        heardAtMs = clock.monotonicMs()
      },
      seen() {
        heardAtMs = clock.monotonicMs()
      },
    },
  }
}

type Ask = <Result>(...args: readonly unknown[]) => Promise<Result>

function askOver(caller: Caller): (name: string) => Ask {
  return (name) =>
    (...args) =>
      caller.call({ name, args })
}
