// What a write gives to an object beside its bytes, from the headers of PutObject, CopyObject and
// CreateMultipartUpload.
import type { NewVersion } from '../../storage/object-store.ts'
import type { ContentHeaders, Pairs, StorageClass } from '../../storage/object-version.ts'
import type { Storage } from '../../storage/storage.ts'
import { decodeHeaderText } from '../http/header-text.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { renderAcl } from '../../services/access/access-control-list.ts'
import { admitAcl, findAskedAcl } from './access/acl-request.ts'
import { findOwnership, type Ownership } from './access/object-owner.ts'
import { parseLockHeaders } from './object-lock.ts'
import type { S3Call } from './operation.ts'
import { S3Error } from './errors.ts'
import { parseTaggingHeader } from './tagging.ts'

/**
 * What the call gives, in the bucket that it writes to.
 * @throws S3Error `InvalidStorageClass`, `AccessControlListNotSupported`, `InvalidTag` …;
 * StorageError `NoSuchBucket`
 */
export async function readNewVersion(call: S3Call, storage: Storage): Promise<NewVersion> {
  const { headers } = call
  const ownership = await findOwnership(call, storage)
  const acl = await findNewAcl(call, { ownership, storage })
  return {
    owner: ownership.owner,
    ...(acl !== undefined && { acl }),
    headers: parseContentHeaders(headers),
    metadata: parseMetadata(headers),
    tags: parseTaggingHeader(headers),
    storageClass: parseStorageClass(headers),
    ...parseLockHeaders(headers, call.at),
  }
}

const CONTENT_HEADERS = [
  ['contentType', 'content-type'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
  ['expires', 'expires'],
  ['websiteRedirectLocation', 'x-amz-website-redirect-location'],
] as const

function parseContentHeaders(headers: HttpHeaders): ContentHeaders {
  const found: { -readonly [Name in keyof ContentHeaders]: ContentHeaders[Name] } = {}
  for (const [name, header] of CONTENT_HEADERS) {
    const text = findText(headers, header)
    const kept = name === 'contentEncoding' ? withoutFraming(text) : text
    if (kept !== undefined) found[name] = kept
  }
  return found
}

const METADATA_PREFIX = 'x-amz-meta-'

/** Names in lower case; values as UTF-8, which is what clients send. */
function parseMetadata(headers: HttpHeaders): Pairs {
  const metadata: (readonly [name: string, value: string])[] = []
  for (const name in headers) {
    if (!name.startsWith(METADATA_PREFIX)) continue
    metadata.push([name.slice(METADATA_PREFIX.length), findText(headers, name) ?? ''])
  }
  return metadata
}

/** @throws S3Error `InvalidStorageClass` */
function parseStorageClass(headers: HttpHeaders): StorageClass {
  const name = findHeader(headers, 'x-amz-storage-class') ?? 'STANDARD'
  if (name === 'STANDARD') return name
  throw new S3Error('InvalidStorageClass', { fields: { StorageClassRequested: name } })
}

type Placed = { readonly ownership: Ownership; readonly storage: Storage }

/** The list that the call gives; undefined for what every object has that was given none. */
async function findNewAcl(
  call: S3Call,
  { ownership, storage }: Placed,
): Promise<string | undefined> {
  const acl = findAskedAcl(call, ownership)
  if (acl === undefined) return undefined
  return (await admitAcl(acl, { call, ownership, storage })) ? renderAcl(acl) : undefined
}

function findText(headers: HttpHeaders, name: string): string | undefined {
  const value = findHeader(headers, name)
  return value === undefined ? undefined : decodeHeaderText(value)
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutFraming(encoding: string | undefined): string | undefined {
  if (encoding?.includes('aws-chunked') !== true) return encoding
  const kept = encoding.split(',').filter((name) => name.trim().toLowerCase() !== 'aws-chunked')
  return kept.length === 0 ? undefined : kept.join(',').trim()
}
