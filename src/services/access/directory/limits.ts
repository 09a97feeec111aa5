// How much of everything there may be. Each refuses with `LimitExceeded` and loses nothing.

export const ACCOUNTS_MAX = 10_000
export const USERS_PER_ACCOUNT_MAX = 10_000
export const GROUPS_PER_ACCOUNT_MAX = 1_000
export const POLICIES_PER_ACCOUNT_MAX = 1_500
export const KEYS_PER_IDENTITY_MAX = 100
export const GROUPS_PER_USER_MAX = 100
export const POLICIES_PER_IDENTITY_MAX = 20
/** @see IAM User Guide, "IAM and AWS STS quotas": tags of a user */
export const TAGS_PER_USER_MAX = 50

/** What a process keeps of the tables. */
export const KEPT_CALLERS_MAX = 10_000
export const KEPT_POLICIES_MAX = 1_000
