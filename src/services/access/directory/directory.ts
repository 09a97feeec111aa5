/** Who exists: accounts, users, access keys, groups and policies, kept in tables. */
import type { Pairs } from '../../../storage/object-version.ts'
import type { Accounts } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { Identities } from '../identities-file/identities.ts'
import type {
  AccountRecord,
  Attachment,
  GroupDescription,
  GroupRecord,
  Identity,
  KeyRecord,
  MadeKey,
  Named,
  NewAccount,
  NewKey,
  PolicyDescription,
  PolicyRecord,
  UserDescription,
  UserRecord,
} from './records.ts'

/**
 * Every method may throw AccessError `DirectoryUnavailable`. What a method has changed counts at
 * once in this process, and within five seconds in every other.
 */
export type Directory = {
  readonly findKey: FindKey
  /** A user, or the root of an account, as it would call. @throws AccessError `NoSuchUser` … */
  getCaller(identity: Identity): Promise<Caller>
  /** Accounts as owners and grantees; from memory. */
  readonly owners: Accounts
  readonly accounts: AccountRecords
  readonly users: UserRecords
  readonly keys: KeyRecords
  readonly groups: GroupRecords
  readonly policies: PolicyRecords
  /** What the identities file says is so, all of it or nothing; what has left it is gone. */
  applyIdentities(identities: Identities): Promise<void>
  /** Asks the tables no more; they stay open. */
  close(): void
}

/** Whose a key is, and what it signs with; undefined when nobody has it or it is disabled. */
export type FindKey = (accessKey: string) => Promise<FoundKey | undefined>

export type FoundKey = { readonly secret: string; readonly caller: Caller }

/** What signs for the root of the default account; not among the records. */
export type RootKeys = { readonly accessKey: string; readonly secret: string }

export interface AccountRecords {
  /** @throws AccessError `AccountExists`, `InvalidName`, `LimitExceeded` */
  create(account: NewAccount): Promise<AccountRecord>
  /** @throws AccessError `NoSuchAccount` */
  get(id: string): Promise<AccountRecord>
  list(): Promise<readonly AccountRecord[]>
  /**
   * The account and its root's keys are gone; what it owns stays. @throws AccessError
   * `NoSuchAccount`, `AccountNotEmpty` while it has users, groups or policies, `ManagedByFile`,
   * `BuiltIn` for the default account
   */
  delete(id: string): Promise<void>
}

export interface UserRecords {
  /** @throws AccessError `NoSuchAccount`, `UserExists`, `InvalidName`, `LimitExceeded` */
  create(user: Named & { readonly tags?: Pairs }): Promise<UserRecord>
  /** @throws AccessError `NoSuchUser` */
  get(user: Named): Promise<UserDescription>
  /** In the order of their names. */
  list(account: string): Promise<readonly UserRecord[]>
  /** These are all of its tags. @throws AccessError `NoSuchUser`, `LimitExceeded` … */
  setTags(user: Named, tags: Pairs): Promise<void>
  /** Its keys, memberships and attachments go too. @throws AccessError `NoSuchUser` … */
  delete(user: Named): Promise<void>
}

export interface KeyRecords {
  /** @throws AccessError `NoSuchAccount`, `NoSuchUser`, `AccessKeyExists`, `LimitExceeded` … */
  create(key: NewKey): Promise<MadeKey>
  /** Of one user, or, without one, of all identities of the account. */
  list(identity: Identity): Promise<readonly KeyRecord[]>
  /** @throws AccessError `NoSuchAccessKey`, `ManagedByFile` */
  setEnabled(id: string, state: { readonly enabled: boolean }): Promise<void>
  /** @throws AccessError `NoSuchAccessKey`, `ManagedByFile` */
  delete(id: string): Promise<void>
}

export interface GroupRecords {
  /** @throws AccessError `NoSuchAccount`, `GroupExists`, `InvalidName`, `LimitExceeded` */
  create(group: Named): Promise<GroupRecord>
  /** @throws AccessError `NoSuchGroup` */
  get(group: Named): Promise<GroupDescription>
  list(account: string): Promise<readonly GroupRecord[]>
  /** Does nothing when it is a member. @throws AccessError `NoSuchGroup`, `NoSuchUser` … */
  addMember(group: Named, user: string): Promise<void>
  /** @throws AccessError `NoSuchGroup`, `NoSuchUser` when it is no member, `ManagedByFile` */
  removeMember(group: Named, user: string): Promise<void>
  /** @throws AccessError `NoSuchGroup`, `ManagedByFile` */
  delete(group: Named): Promise<void>
}

export interface PolicyRecords {
  /** The policy has this text, be it new or not. @throws AccessError `MalformedPolicy` … */
  put(policy: Named & { readonly document: string }): Promise<PolicyRecord>
  /** @throws AccessError `NoSuchPolicy` */
  get(policy: Named): Promise<PolicyDescription>
  /** The built-in ones come first. */
  list(account: string): Promise<readonly PolicyRecord[]>
  /** @throws AccessError `NoSuchPolicy`, `PolicyInUse`, `ManagedByFile`, `BuiltIn` */
  delete(policy: Named): Promise<void>
  /** Does nothing when it is attached. @throws AccessError `NoSuchPolicy`, `NoSuchUser` … */
  attach(attachment: Attachment): Promise<void>
  /** @throws AccessError `NoSuchPolicy` when it is not attached, `ManagedByFile` … */
  detach(attachment: Attachment): Promise<void>
}
