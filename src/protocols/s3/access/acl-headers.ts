// Access control lists in headers: a canned name, or grants one by one.
import {
  type CannedAclName,
  type Grant,
  type Grantee,
  isCannedAclName,
  type Permission,
} from '../../../services/access/access-control-list.ts'
import { findHeader } from '../../http/request.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'
import { assertGrantCount, getGroup, resolveAccount, resolveEmail } from './acl-grantees.ts'

/** What a request wants a list to be. */
export type AskedAcl =
  | { readonly kind: 'canned'; readonly name: CannedAclName }
  | { readonly kind: 'grants'; readonly grants: readonly Grant[] }

/** In the order that such lists are shown in. */
const GRANT_HEADERS: readonly (readonly [header: string, permission: Permission])[] = [
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
]

/**
 * What the headers ask for; undefined when they say nothing of it.
 * @see S3 API Reference, PutBucketAcl, PutObjectAcl, CreateBucket, PutObject
 * @throws S3Error `InvalidArgument`, `InvalidRequest`, `UnresolvableGrant`, `MalformedAcl`
 */
export function parseAclHeaders(call: S3Call): AskedAcl | undefined {
  const canned = findHeader(call.headers, 'x-amz-acl')
  const present = GRANT_HEADERS.filter(([header]) => call.headers[header] !== undefined)
  if (canned !== undefined && present.length > 0) {
    throw new S3Error('InvalidRequest', {
      message: 'Specifying both Canned ACLs and Header Grants is not allowed',
    })
  }
  if (canned !== undefined) return { kind: 'canned', name: parseCannedName(canned, call) }
  if (present.length === 0) return undefined
  const grants = present.flatMap(([header, permission]) =>
    parseGrantees(call, header).map((grantee) => ({ grantee, permission })),
  )
  assertGrantCount(grants)
  return { kind: 'grants', grants }
}

function parseCannedName(value: string, { key }: S3Call): CannedAclName {
  const isKnown = isCannedAclName(value) && (key === '' || value !== 'log-delivery-write')
  if (isKnown) return value
  throw invalidArgument(`The canned ACL ${value} does not exist.`, { name: 'x-amz-acl', value })
}

/** E.g. `id="…", uri="http://…", emailAddress=a@example.com`. */
function parseGrantees(call: S3Call, header: string): readonly Grantee[] {
  const value = findHeader(call.headers, header) ?? ''
  return value.split(',').map((text) => {
    const [, type = '', quoted, bare = ''] = GRANTEE.exec(text.trim()) ?? []
    const name = quoted ?? bare
    const { accounts } = call.site
    switch (type.toLowerCase()) {
      case 'id':
        return resolveAccount(name, { accounts, argument: 'id' })
      case 'emailaddress':
        return resolveEmail(name, accounts)
      case 'uri':
        return getGroup(name, 'uri')
      default:
        throw invalidArgument('Argument format not recognized', { name: header, value: text })
    }
  })
}

/** Nothing in it can match the same spaces twice: that took hours. */
const GRANTEE = /^(\w+)\s*=\s*(?:"([^"]*)"|([^"\s]*))$/
