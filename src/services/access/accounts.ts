import { createHash } from 'node:crypto'
import { type Account, ANONYMOUS_ACCOUNT, DEFAULT_ACCOUNT_ID } from './caller.ts'

/** Accounts by the names that they are known by. Answers from memory. */
export interface Accounts {
  /** The account with an id; one that is gone all the same, since it may own objects. */
  describe(id: string): Account
  findByCanonicalId(canonicalId: string): Account | undefined
  findByEmail(email: string): Account | undefined
}

/** What an account is called that nobody gave other names to. */
export function deriveAccount(id: string): Account {
  if (id === ANONYMOUS_ACCOUNT.id) return ANONYMOUS_ACCOUNT
  return {
    id,
    canonicalId: createHash('sha256').update(`coffer account ${id}`).digest('hex'),
    displayName: id === DEFAULT_ACCOUNT_ID ? 'coffer' : id,
  }
}

/** The given accounts; every other is described by what its id says. */
export function listAccounts(accounts: readonly Account[]): Accounts {
  // A page of a list describes a thousand owners, and there may be ten thousand accounts.
  const byId = new Map(accounts.map((account) => [account.id, account]))
  const byCanonicalId = new Map(accounts.map((account) => [account.canonicalId, account]))
  const byEmail = new Map(accounts.map((account) => [account.email, account]))
  return {
    describe: (id) => byId.get(id) ?? deriveAccount(id),
    findByCanonicalId: (canonicalId) => byCanonicalId.get(canonicalId),
    findByEmail: (email) => byEmail.get(email),
  }
}
