// Access control lists as S3's document.
import {
  findChild,
  findChildren,
  findChildText,
  type Xml,
  type XmlElement,
  xmlElement,
  xmlText,
} from '../../../base/xml.ts'
import {
  type AccessControlList,
  type Grant,
  type Grantee,
  isPermission,
} from '../../../services/access/access-control-list.ts'
import type { Accounts } from '../../../services/access/accounts.ts'
import { renderAccount } from '../answer.ts'
import { S3Error } from '../errors.ts'
import {
  assertGrantCount,
  getGroup,
  groupUri,
  resolveAccount,
  resolveEmail,
} from './acl-grantees.ts'

type Context = {
  /** The account that owns the bucket or object; a list does not change that. */
  readonly owner: string
  readonly accounts: Accounts
}

/**
 * @see S3 API Reference, AccessControlPolicy
 * @throws S3Error `MalformedAcl`, `InvalidArgument`, `UnresolvableGrant`, `AccessDenied` for an
 * owner who is another
 */
export function parseAclDocument(policy: XmlElement, context: Context): AccessControlList {
  const id = findChildText(findChild(policy, 'Owner') ?? malformed(), 'ID') ?? malformed()
  const list = findChild(policy, 'AccessControlList') ?? malformed()
  const owner = resolveAccount(id, { ...context, argument: 'CanonicalUser/ID' })
  if (owner.kind !== 'account' || owner.account !== context.owner) {
    throw new S3Error('AccessDenied', { reason: 'a list cannot change who owns something' })
  }
  const grants = findChildren(list, 'Grant').map((grant) => parseGrant(grant, context.accounts))
  assertGrantCount(grants)
  return { grants }
}

function parseGrant(element: XmlElement, accounts: Accounts): Grant {
  const permission = findChildText(element, 'Permission') ?? ''
  if (!isPermission(permission)) throw new S3Error('MalformedAcl')
  return {
    grantee: parseGrantee(findChild(element, 'Grantee') ?? malformed(), accounts),
    permission,
  }
}

function parseGrantee(element: XmlElement, accounts: Accounts): Grantee {
  const text = (name: string): string => findChildText(element, name) ?? malformed()
  switch (findType(element)) {
    case 'CanonicalUser':
      return resolveAccount(text('ID'), { accounts, argument: 'CanonicalUser/ID' })
    case 'AmazonCustomerByEmail':
      return resolveEmail(text('EmailAddress'), accounts)
    case 'Group':
      return getGroup(text('URI'), 'Group/URI')
    default:
      return malformed()
  }
}

/** `xsi:type`, whatever prefix the document has for that namespace. */
function findType({ attributes }: XmlElement): string {
  return attributes.entries().find(([name]) => /(^|:)type$/.test(name))?.[1] ?? ''
}

function malformed(): never {
  throw new S3Error('MalformedAcl')
}

/** Lists have no order; groups come first, which clients that compare them expect. */
export function renderAclDocument(
  { grants }: AccessControlList,
  { owner, accounts }: Context,
): readonly Xml[] {
  const sorted = [
    ...grants.filter(({ grantee }) => grantee.kind === 'group'),
    ...grants.filter(({ grantee }) => grantee.kind === 'account'),
  ]
  return [
    renderAccount('Owner', accounts.describe(owner)),
    xmlElement(
      'AccessControlList',
      sorted.map((grant) => renderGrant(grant, accounts)),
    ),
  ]
}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

function renderGrant({ grantee, permission }: Grant, accounts: Accounts): Xml {
  const [type, names] = renderGrantee(grantee, accounts)
  return xmlElement('Grant', [
    xmlElement('Grantee', names, { 'xmlns:xsi': XSI, 'xsi:type': type }),
    xmlText('Permission', permission),
  ])
}

function renderGrantee(grantee: Grantee, accounts: Accounts): readonly [string, readonly Xml[]] {
  if (grantee.kind === 'group') return ['Group', [xmlText('URI', groupUri(grantee.group))]]
  const { canonicalId, displayName } = accounts.describe(grantee.account)
  return ['CanonicalUser', [xmlText('ID', canonicalId), xmlText('DisplayName', displayName)]]
}
