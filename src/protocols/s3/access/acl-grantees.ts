// Grantees as S3 names them: accounts by canonical id or e-mail address, groups by a URI.
import type { Accounts } from '../../../services/access/accounts.ts'
import {
  type Grant,
  type Grantee,
  type GranteeGroup,
  MAX_GRANTS,
} from '../../../services/access/access-control-list.ts'
import { invalidArgument, S3Error } from '../errors.ts'

/** @see S3 User Guide, "Amazon S3 predefined groups" */
const GROUP_URIS: Readonly<Record<GranteeGroup, string>> = {
  'all-users': 'http://acs.amazonaws.com/groups/global/AllUsers',
  'authenticated-users': 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  'log-delivery': 'http://acs.amazonaws.com/groups/s3/LogDelivery',
}

const GROUPS: ReadonlyMap<string, Grantee> = new Map([
  [GROUP_URIS['all-users'], { kind: 'group', group: 'all-users' }],
  [GROUP_URIS['authenticated-users'], { kind: 'group', group: 'authenticated-users' }],
  [GROUP_URIS['log-delivery'], { kind: 'group', group: 'log-delivery' }],
])

export function groupUri(group: GranteeGroup): string {
  return GROUP_URIS[group]
}

/** @throws S3Error `InvalidArgument` */
export function getGroup(uri: string, argument: string): Grantee {
  const group = GROUPS.get(uri)
  if (group !== undefined) return group
  throw invalidArgument('Invalid group uri', { name: argument, value: uri })
}

type Naming = { readonly accounts: Accounts; readonly argument: string }

/** @throws S3Error `InvalidArgument` */
export function resolveAccount(canonicalId: string, { accounts, argument }: Naming): Grantee {
  const account = accounts.findByCanonicalId(canonicalId)
  if (account !== undefined) return { kind: 'account', account: account.id }
  throw invalidArgument('Invalid id', { name: argument, value: canonicalId })
}

/** @throws S3Error `UnresolvableGrant` */
export function resolveEmail(email: string, accounts: Accounts): Grantee {
  const account = accounts.findByEmail(email)
  if (account === undefined) throw new S3Error('UnresolvableGrant')
  return { kind: 'account', account: account.id }
}

/** @throws S3Error `MalformedAcl` */
export function assertGrantCount({ length }: readonly Grant[]): void {
  if (length <= MAX_GRANTS) return
  throw new S3Error('MalformedAcl', {
    message: `An access control list has at most ${MAX_GRANTS} grants.`,
  })
}
