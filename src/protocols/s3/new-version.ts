// What a write gives to an object beside its bytes, from the headers of PutObject, CopyObject and
// CreateMultipartUpload.
import type { NewVersion } from '../../storage/object-store.ts'
import type { ContentHeaders, Pairs, StorageClass } from '../../storage/object-version.ts'
import type { Storage } from '../../storage/storage.ts'
import { decodeHeaderText } from '../http/header-text.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { findOwnership } from './access/object-owner.ts'
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
  const { owner } = await findOwnership(call, storage)
  assertNoAcl(headers)
  return {
    owner,
    headers: parseContentHeaders(headers),
    metadata: parseMetadata(headers),
    tags: parseTaggingHeader(headers),
    storageClass: parseStorageClass(headers),
    ...parseLockHeaders(headers, call.at),
  }
}

function parseContentHeaders(headers: HttpHeaders): ContentHeaders {
  const texts = {
    contentType: findText(headers, 'content-type'),
    cacheControl: findText(headers, 'cache-control'),
    contentDisposition: findText(headers, 'content-disposition'),
    contentEncoding: withoutFraming(findText(headers, 'content-encoding')),
    contentLanguage: findText(headers, 'content-language'),
    expires: findText(headers, 'expires'),
    websiteRedirectLocation: findText(headers, 'x-amz-website-redirect-location'),
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined))
}

const METADATA_PREFIX = 'x-amz-meta-'

/** Names in lower case; values as UTF-8, which is what clients send. */
function parseMetadata(headers: HttpHeaders): Pairs {
  return Object.keys(headers)
    .filter((name) => name.startsWith(METADATA_PREFIX))
    .map((name) => [name.slice(METADATA_PREFIX.length), findText(headers, name) ?? ''] as const)
}

/** @throws S3Error `InvalidStorageClass` */
function parseStorageClass(headers: HttpHeaders): StorageClass {
  const name = findHeader(headers, 'x-amz-storage-class') ?? 'STANDARD'
  if (name === 'STANDARD') return name
  throw new S3Error('InvalidStorageClass', { fields: { StorageClassRequested: name } })
}

/** The canned ACLs that change nothing where the bucket owner owns everything. */
const HARMLESS_ACLS: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control'])

/** @throws S3Error `AccessControlListNotSupported` */
function assertNoAcl(headers: HttpHeaders): void {
  if (!asksForAcl(headers)) return
  throw new S3Error('AccessControlListNotSupported')
}

/** Whether a request wants anything else than that the owner may do everything. */
export function asksForAcl(headers: HttpHeaders): boolean {
  const canned = findHeader(headers, 'x-amz-acl')
  if (canned !== undefined && !HARMLESS_ACLS.has(canned)) return true
  return Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'))
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
