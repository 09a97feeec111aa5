import { writeAccess } from '../admit.ts'
import { emptyAnswer, newVersionHeaders, quoteEtag } from '../answer.ts'
import { checksumHeaders } from '../checksums.ts'
import { parseWriteCondition } from '../conditions.ts'
import { assertHasLength } from '../incoming-body.ts'
import { objectName } from '../named.ts'
import { readNewVersion } from '../new-version.ts'
import { changeOptions, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, PutObject */
export const putObject: S3Operation = {
  name: 'PutObject',
  method: 'PUT',
  on: 'object',
  selectors: [],

  access: writeAccess,

  async run(request, storage) {
    assertHasLength(request.http)
    // Before the body is asked for: a client that waits for 100 Continue need not send it in vain.
    const newVersion = await readNewVersion(request, storage)
    const condition = parseWriteCondition(request.headers)
    const version = await storage.objects.put(objectName(request), request.body, {
      ...changeOptions(request),
      ...newVersion,
      ...(condition && { condition }),
    })
    return emptyAnswer(200, {
      etag: quoteEtag(version.etag),
      ...checksumHeaders(version.checksum),
      ...newVersionHeaders(version),
    })
  },
}
