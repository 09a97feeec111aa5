import { xmlText } from '../../../base/xml.ts'
import { findParameter } from '../../http/query.ts'
import { findShownOwners } from '../access/object-owner.ts'
import { xmlAnswer } from '../answer.ts'
import {
  decodeToken,
  encodeToken,
  findText,
  parseListing,
  renderName,
  renderObject,
  renderOptionalName,
  renderPrefixes,
  toPageRequest,
} from '../listing.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, ListObjectsV2 */
export const listObjectsV2: S3Operation = {
  name: 'ListObjectsV2',
  method: 'GET',
  on: 'bucket',
  selectors: ['?list-type=2'],

  access: (call) => [onBucket('s3:ListBucket', call)],

  async run(call, storage) {
    const { bucket, query } = call
    const listing = parseListing(query, 'max-keys')
    const token = findText(query, 'continuation-token')
    const startAfter = token === undefined ? findText(query, 'start-after') : decodeToken(token)
    const page = await storage.objects.list(bucket, {
      ...toPageRequest(listing),
      ...(startAfter !== undefined && { startAfter }),
    })
    const showOwner = findParameter(query, 'fetch-owner')?.toLowerCase() === 'true'
    const ownerOf = showOwner ? await findShownOwners(call, storage) : undefined
    return xmlAnswer('ListBucketResult', [
      xmlText('Name', bucket),
      renderName('Prefix', listing.prefix, listing),
      renderOptionalName('StartAfter', findText(query, 'start-after'), listing),
      xmlText('ContinuationToken', findParameter(query, 'continuation-token')),
      xmlText('NextContinuationToken', page.next && encodeToken(page.next)),
      xmlText('KeyCount', page.objects.length + page.prefixes.length),
      xmlText('MaxKeys', listing.limit),
      renderOptionalName('Delimiter', listing.delimiter, listing),
      xmlText('EncodingType', listing.encodingType),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.objects.map((object) => {
        return renderObject(object, { listing, owner: ownerOf?.(object.owner) })
      }),
      ...renderPrefixes(page.prefixes, listing),
    ])
  },
}
