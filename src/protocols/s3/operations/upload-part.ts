import { emptyAnswer, quoteEtag } from '../answer.ts'
import { partChecksumHeaders } from '../checksums.ts'
import { assertHasLength } from '../incoming-body.ts'
import { changeOptions, onNewObject, type S3Operation } from '../operation.ts'
import { partName } from '../named.ts'

/** @see S3 API Reference, UploadPart */
export const uploadPart: S3Operation = {
  name: 'UploadPart',
  method: 'PUT',
  on: 'object',
  selectors: ['?partNumber', '?uploadId'],

  access: (call) => [onNewObject('s3:PutObject', call)],

  async run(request, storage) {
    assertHasLength(request.http)
    const part = await storage.uploads.putPart(
      partName(request),
      request.body,
      changeOptions(request),
    )
    return emptyAnswer(200, {
      etag: quoteEtag(part.etag),
      ...partChecksumHeaders(part.checksum),
    })
  },
}
