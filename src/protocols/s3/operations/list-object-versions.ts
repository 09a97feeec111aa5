import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import type { Account } from '../../../services/access/caller.ts'
import type { VersionPage, VersionPosition } from '../../../storage/object-store.ts'
import { findParameter, type Query } from '../../http/query.ts'
import { findShownOwners } from '../access/object-owner.ts'
import { renderAccount, renderEtag, renderModified, xmlAnswer } from '../answer.ts'
import { renderChecksumAlgorithm } from '../checksums.ts'
import { invalidArgument } from '../errors.ts'
import {
  findText,
  type Listing,
  parseListing,
  renderName,
  renderOptionalName,
  renderPrefixes,
  toPageRequest,
} from '../listing.ts'
import { onBucket, type S3Operation } from '../operation.ts'

/** @see S3 API Reference, ListObjectVersions */
export const listObjectVersions: S3Operation = {
  name: 'ListObjectVersions',
  method: 'GET',
  on: 'bucket',
  selectors: ['?versions'],

  access: (call) => [onBucket('s3:ListBucketVersions', call)],

  async run(call, storage) {
    const { bucket, query } = call
    const listing = parseListing(query, 'max-keys')
    const after = parsePosition(query)
    const page = await storage.objects.listVersions(bucket, {
      ...toPageRequest(listing),
      ...(after && { after }),
    })
    const ownerOf = await findShownOwners(call, storage)
    return xmlAnswer('ListVersionsResult', [
      xmlText('Name', bucket),
      renderName('Prefix', listing.prefix, listing),
      renderName('KeyMarker', findParameter(query, 'key-marker') ?? '', listing),
      xmlText('VersionIdMarker', findParameter(query, 'version-id-marker') ?? ''),
      renderOptionalName('NextKeyMarker', page.next?.key, listing),
      xmlText('NextVersionIdMarker', page.next?.versionId),
      xmlText('MaxKeys', listing.limit),
      renderOptionalName('Delimiter', listing.delimiter, listing),
      xmlText('EncodingType', listing.encodingType),
      xmlText('IsTruncated', page.next !== undefined),
      ...page.versions.map((entry) => {
        return renderEntry(entry, { listing, owner: ownerOf(entry.owner) })
      }),
      ...renderPrefixes(page.prefixes, listing),
    ])
  },
}

function parsePosition(query: Query): VersionPosition | undefined {
  const key = findText(query, 'key-marker')
  const versionId = findParameter(query, 'version-id-marker')
  if (key !== undefined) {
    return { key, ...(versionId !== undefined && versionId !== '' && { versionId }) }
  }
  if (versionId === undefined || versionId === '') return undefined
  throw invalidArgument('A version-id marker cannot be specified without a key marker.', {
    name: 'version-id-marker',
    value: versionId,
  })
}

function renderEntry(
  entry: VersionPage['versions'][number],
  { listing, owner }: { readonly listing: Listing; readonly owner: Account },
): Xml {
  const { key, versionId, isLatest, modifiedAt } = entry
  const identity = [
    renderName('Key', key, listing),
    xmlText('VersionId', versionId),
    xmlText('IsLatest', isLatest),
    renderModified(modifiedAt),
  ]
  if (entry.deleteMarker) {
    return xmlElement('DeleteMarker', [...identity, renderAccount('Owner', owner)])
  }
  return xmlElement('Version', [
    ...identity,
    renderEtag(entry.etag),
    renderChecksumAlgorithm(entry.checksum),
    xmlText('Size', entry.size),
    xmlText('StorageClass', entry.storageClass),
    renderAccount('Owner', owner),
  ])
}
