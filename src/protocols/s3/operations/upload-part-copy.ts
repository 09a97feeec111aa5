import { renderEtag, renderModified, xmlAnswer } from '../answer.ts'
import { renderPartChecksum } from '../checksums.ts'
import { assertCopySize, copyAccess, findCopySource, parseCopyRange } from '../copy-source.ts'
import { changeOptions, onNewObject, type S3Operation } from '../operation.ts'
import { partName } from '../named.ts'

/** @see S3 API Reference, UploadPartCopy */
export const uploadPartCopy: S3Operation = {
  name: 'UploadPartCopy',
  method: 'PUT',
  on: 'object',
  selectors: ['?partNumber', '?uploadId', 'x-amz-copy-source'],

  access: (call) => [copyAccess(call), onNewObject('s3:PutObject', call)],

  async run(request, storage) {
    const name = partName(request)
    const source = await findCopySource(request, storage)
    const range = parseCopyRange(request.headers)
    assertCopySize(range === undefined ? source.version.size : range.end - range.start)
    const part = await storage.uploads.copyPart(
      name,
      { ...source.name, ...(range && { range }) },
      changeOptions(request),
    )
    return xmlAnswer(
      'CopyPartResult',
      [renderModified(part.modifiedAt), renderEtag(part.etag), renderPartChecksum(part.checksum)],
      source.headers,
    )
  },
}
