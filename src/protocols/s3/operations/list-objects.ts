import { xmlText } from '../../../base/xml.ts'
import { findParameter } from '../../http/query.ts'
import { findShownOwners } from '../access/object-owner.ts'
import { xmlAnswer } from '../answer.ts'
import {
  findText,
  parseListing,
  renderName,
  renderObject,
  renderOptionalName,
  renderPrefixes,
  toPageRequest,
} from '../listing.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** The first version, which older clients use. @see S3 API Reference, ListObjects */
export const listObjects: S3Operation = {
  name: 'ListObjects',
  method: 'GET',
  on: 'bucket',
  selectors: [],
  parameters: ['list-type'],

  access: (call) => [onBucket('s3:ListBucket', call)],

  async run(call, storage) {
    const { bucket, query } = call
    const listing = parseListing(query, 'max-keys')
    const marker = findText(query, 'marker')
    const page = await storage.objects.list(bucket, {
      ...toPageRequest(listing),
      ...(marker !== undefined && { startAfter: marker }),
    })
    const ownerOf = await findShownOwners(call, storage)
    // Without a delimiter the last key of the page is the next marker, and AWS leaves that unsaid.
    const nextMarker = listing.delimiter === undefined ? undefined : page.next
    return xmlAnswer('ListBucketResult', [
      xmlText('Name', bucket),
      renderName('Prefix', listing.prefix, listing),
      renderName('Marker', findParameter(query, 'marker') ?? '', listing),
      renderOptionalName('NextMarker', nextMarker, listing),
      xmlText('MaxKeys', listing.limit),
      renderOptionalName('Delimiter', listing.delimiter, listing),
      xmlText('EncodingType', listing.encodingType),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.objects.map((object) => {
        return renderObject(object, { listing, owner: ownerOf(object.owner) })
      }),
      ...renderPrefixes(page.prefixes, listing),
    ])
  },
}
