// The shapes that S3's answers have. Headers that every answer carries are added in s3.ts.
import { formatIsoSecond } from '../../base/iso-second.ts'
import { renderXml, xmlElement, xmlQuoted, xmlText, type Xml } from '../../base/xml.ts'
import type { Account } from '../../services/access/caller.ts'
import { NULL_VERSION } from '../../storage/object-version.ts'
import type { Bucket } from '../../storage/object-store.ts'
import type { HttpResponse, ResponseHeaders } from '../http/response.ts'

const NAMESPACE = { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' }

export function emptyAnswer(status: 200 | 204, headers: ResponseHeaders = {}): HttpResponse {
  return { status, headers }
}

/** A document under S3's namespace. */
export function xmlAnswer(
  root: string,
  children: readonly (Xml | undefined)[],
  headers: ResponseHeaders = {},
): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body: renderXml(xmlElement(root, children, NAMESPACE)),
  }
}

/** An account as S3 shows owners and initiators. */
export function renderAccount(element: 'Owner' | 'Initiator', account: Account): Xml {
  const { canonicalId, displayName } = account
  return xmlElement(element, [xmlText('ID', canonicalId), xmlText('DisplayName', displayName)])
}

/** Objects and parts were modified on a whole second, as HTTP's Last-Modified says it too. */
export function renderModified(at: Date): Xml {
  return xmlText('LastModified', formatIsoSecond(at))
}

export function renderEtag(etag: string): Xml {
  return xmlQuoted('ETag', etag)
}

export function quoteEtag(etag: string): string {
  return `"${etag}"`
}

type NamedVersion = { readonly versionId: string }

/** A write shows the id that it made, and nothing where none was made. */
export function newVersionHeaders({ versionId }: NamedVersion): ResponseHeaders {
  return { 'x-amz-version-id': versionId === NULL_VERSION ? undefined : versionId }
}

/** Buckets that never had versioning show no version ids, others show `null` as one. */
export function versionHeaders(bucket: Bucket, { versionId }: NamedVersion): ResponseHeaders {
  return bucket.versioning === 'unversioned' ? {} : { 'x-amz-version-id': versionId }
}
