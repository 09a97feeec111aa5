import { renderAcl } from '../../../services/access/access-control-list.ts'
import { admitAcl, readAskedAcl } from '../access/acl-request.ts'
import { findObjectAcl } from '../access/object-acl.ts'
import { emptyAnswer, versionHeaders } from '../answer.ts'
import { versionAccess, versionName } from '../named.ts'
import { changeOptions, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, PutObjectAcl */
export const putObjectAcl: S3Operation = {
  name: 'PutObjectAcl',
  method: 'PUT',
  on: 'object',
  selectors: ['?acl'],

  access: (call) => [versionAccess(call, { verb: 'PutObject', what: 'Acl' })],

  async run(request, storage) {
    const { bucket, version, ownership } = await findObjectAcl(request, storage)
    const acl = await readAskedAcl(request, ownership)
    if (await admitAcl(acl, { call: request, ownership, storage })) {
      const change = { kind: 'acl' as const, acl: renderAcl(acl) }
      await storage.objects.update(versionName(request), change, changeOptions(request))
    }
    return emptyAnswer(200, versionHeaders(bucket, version))
  },
}
