import { findObjectAcl } from '../access/object-acl.ts'
import { renderAclDocument } from '../access/acl-document.ts'
import { versionHeaders, xmlAnswer } from '../answer.ts'
import { versionAccess } from '../named.ts'
import type { S3Operation } from '../operation.ts'

/** @see S3 API Reference, GetObjectAcl */
export const getObjectAcl: S3Operation = {
  name: 'GetObjectAcl',
  method: 'GET',
  on: 'object',
  selectors: ['?acl'],

  access: (call) => [versionAccess(call, { verb: 'GetObject', what: 'Acl' })],

  async run(request, storage) {
    const { bucket, version, ownership, acl } = await findObjectAcl(request, storage)
    const context = { owner: ownership.owner, accounts: request.site.accounts }
    const children = renderAclDocument(acl, context)
    return xmlAnswer('AccessControlPolicy', children, versionHeaders(bucket, version))
  },
}
