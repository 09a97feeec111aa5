import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import type { Upload } from '../../../storage/object-store.ts'
import { findParameter } from '../../http/query.ts'
import { renderAccount, xmlAnswer } from '../answer.ts'
import { renderChecksumAlgorithm } from '../checksums.ts'
import {
  findText,
  type Listing,
  parseListing,
  renderName,
  renderOptionalName,
  renderPrefixes,
  toPageRequest,
} from '../listing.ts'
import { onBucket, type S3Operation, type S3Site } from '../operation.ts'

/** @see S3 API Reference, ListMultipartUploads */
export const listMultipartUploads: S3Operation = {
  name: 'ListMultipartUploads',
  method: 'GET',
  on: 'bucket',
  selectors: ['?uploads'],

  access: (call) => [onBucket('s3:ListBucketMultipartUploads', call)],

  async run({ bucket, query, site }, storage) {
    const listing = parseListing(query, 'max-uploads')
    const key = findText(query, 'key-marker')
    const uploadId = findText(query, 'upload-id-marker')
    const page = await storage.uploads.list(bucket, {
      ...toPageRequest(listing),
      // Without a key marker S3 ignores the marker of the upload.
      ...(key !== undefined && { after: { key, ...(uploadId !== undefined && { uploadId }) } }),
    })
    return xmlAnswer('ListMultipartUploadsResult', [
      xmlText('Bucket', bucket),
      renderName('KeyMarker', findParameter(query, 'key-marker') ?? '', listing),
      xmlText('UploadIdMarker', findParameter(query, 'upload-id-marker') ?? ''),
      renderOptionalName('NextKeyMarker', page.next?.key, listing),
      xmlText('NextUploadIdMarker', page.next?.uploadId),
      renderName('Prefix', listing.prefix, listing),
      renderOptionalName('Delimiter', listing.delimiter, listing),
      xmlText('EncodingType', listing.encodingType),
      xmlText('MaxUploads', listing.limit),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.uploads.map((upload) => renderUpload(upload, { listing, site })),
      ...renderPrefixes(page.prefixes, listing),
    ])
  },
}

function renderUpload(
  { key, uploadId, begunAt, initiator, newVersion, checksum }: Upload,
  { listing, site }: { readonly listing: Listing; readonly site: S3Site },
): Xml {
  return xmlElement('Upload', [
    renderName('Key', key, listing),
    xmlText('UploadId', uploadId),
    renderAccount('Initiator', site.accounts.describe(initiator.account)),
    renderAccount('Owner', site.accounts.describe(newVersion.owner)),
    xmlText('StorageClass', newVersion.storageClass),
    xmlText('Initiated', begunAt),
    renderChecksumAlgorithm(checksum),
  ])
}
