import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import type { Part } from '../../../storage/object-store.ts'
import { renderAccount, renderEtag, renderModified, xmlAnswer } from '../answer.ts'
import { renderChecksumAlgorithm, renderPartChecksum } from '../checksums.ts'
import { parseCount, parsePageSize } from '../listing.ts'
import { uploadName } from '../named.ts'
import { onUpload, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, ListParts */
export const listParts: S3Operation = {
  name: 'ListParts',
  method: 'GET',
  on: 'object',
  selectors: ['?uploadId'],

  access: (call) => [onUpload('s3:ListMultipartUploadParts', uploadName(call))],

  async run(request, storage) {
    const { bucket, key, query } = request
    const limit = parsePageSize(query, 'max-parts')
    const after = parseCount(query, 'part-number-marker') ?? 0
    const name = uploadName(request)
    const { upload, parts, next } = await storage.uploads.listParts(name, { limit, after })
    const { accounts } = request.site
    return xmlAnswer('ListPartsResult', [
      xmlText('Bucket', bucket),
      xmlText('Key', key),
      xmlText('UploadId', upload.uploadId),
      renderAccount('Initiator', accounts.describe(upload.initiator.account)),
      renderAccount('Owner', accounts.describe(upload.newVersion.owner)),
      xmlText('StorageClass', upload.newVersion.storageClass),
      xmlText('PartNumberMarker', after),
      xmlText('NextPartNumberMarker', next ?? parts.at(-1)?.partNumber ?? 0),
      xmlText('MaxParts', limit),
      xmlText('IsTruncated', next !== undefined),
      renderChecksumAlgorithm(upload.checksum),
      ...parts.map(renderPart),
    ])
  },
}

function renderPart({ partNumber, modifiedAt, etag, size, checksum }: Part): Xml {
  return xmlElement('Part', [
    xmlText('PartNumber', partNumber),
    renderModified(modifiedAt),
    renderEtag(etag),
    xmlText('Size', size),
    renderPartChecksum(checksum),
  ])
}
