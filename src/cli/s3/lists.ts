/** Everything of a list, page by page: no more than one page is ever held. */
import { findChild, findChildren, findChildText, type XmlElement } from '../../base/xml.ts'
import type { S3Client, S3Request } from './client.ts'

export type ListedBucket = { readonly name: string; readonly createdAt: string }

export type ListedObject = {
  readonly key: string
  readonly sizeBytes: number
  readonly etag: string
  /** ISO 8601, as the store says it. */
  readonly modifiedAt: string
}

export type ListedVersion = Partial<Omit<ListedObject, 'key' | 'modifiedAt'>> & {
  readonly key: string
  readonly versionId: string
  readonly modifiedAt: string
  readonly isLatest: boolean
  readonly isMarker: boolean
}

/** What shares a prefix up to the delimiter. */
export type ListedPrefix = { readonly prefix: string }

export type ListRequest = {
  readonly bucket: string
  readonly prefix?: string
  readonly delimiter?: '/'
}

export async function* listBuckets(client: S3Client): AsyncGenerator<ListedBucket> {
  let token: string | undefined
  do {
    const page = await client.ask({ method: 'GET', query: { 'continuation-token': token } })
    const buckets = findChild(page, 'Buckets')
    for (const bucket of buckets === undefined ? [] : findChildren(buckets, 'Bucket')) {
      yield { name: text(bucket, 'Name'), createdAt: text(bucket, 'CreationDate') }
    }
    token = findChildText(page, 'ContinuationToken')
  } while (token !== undefined && token !== '')
}

/** Objects in the store's order, and prefixes when there is a delimiter. */
export async function* listObjects(
  client: S3Client,
  request: ListRequest,
): AsyncGenerator<ListedObject | ListedPrefix> {
  let token: string | undefined
  do {
    const page = await client.ask(
      listing(request, { 'list-type': '2', 'continuation-token': token }),
    )
    yield* prefixesOf(page)
    for (const element of findChildren(page, 'Contents')) yield toObject(element)
    token = nextOf(page, 'NextContinuationToken')
  } while (token !== undefined)
}

/** All objects below a prefix. */
export async function* listKeys(
  client: S3Client,
  request: Omit<ListRequest, 'delimiter'>,
): AsyncGenerator<ListedObject> {
  for await (const entry of listObjects(client, request)) if ('key' in entry) yield entry
}

/** Versions and delete markers, of each key the newest first. */
export async function* listVersions(
  client: S3Client,
  request: ListRequest,
): AsyncGenerator<ListedVersion | ListedPrefix> {
  let markers: Readonly<Record<string, string | undefined>> = {}
  for (;;) {
    const page = await client.ask(listing(request, { versions: '', ...markers }))
    yield* prefixesOf(page)
    for (const element of page.children) {
      if (element.name === 'Version' || element.name === 'DeleteMarker') yield toVersion(element)
    }
    const key = nextOf(page, 'NextKeyMarker')
    if (key === undefined) return
    markers = {
      'key-marker': key,
      'version-id-marker': findChildText(page, 'NextVersionIdMarker'),
    }
  }
}

function listing(
  { bucket, prefix, delimiter }: ListRequest,
  query: Readonly<Record<string, string | undefined>>,
): S3Request {
  // Keys may hold characters that XML cannot.
  const names = { 'encoding-type': 'url', prefix, delimiter }
  return { method: 'GET', bucket, query: { ...query, ...names } }
}

function nextOf(page: XmlElement, name: string): string | undefined {
  if (findChildText(page, 'IsTruncated') !== 'true') return undefined
  const next = findChildText(page, name)
  return next === undefined || name === 'NextContinuationToken' ? next : decodeName(next)
}

function* prefixesOf(page: XmlElement): Generator<ListedPrefix> {
  for (const element of findChildren(page, 'CommonPrefixes')) {
    yield { prefix: decodeName(text(element, 'Prefix')) }
  }
}

function toObject(element: XmlElement): ListedObject {
  return {
    key: decodeName(text(element, 'Key')),
    sizeBytes: Number(text(element, 'Size')),
    etag: unquote(text(element, 'ETag')),
    modifiedAt: text(element, 'LastModified'),
  }
}

function toVersion(element: XmlElement): ListedVersion {
  const isMarker = element.name === 'DeleteMarker'
  return {
    key: decodeName(text(element, 'Key')),
    versionId: text(element, 'VersionId'),
    modifiedAt: text(element, 'LastModified'),
    isLatest: text(element, 'IsLatest') === 'true',
    isMarker,
    ...(!isMarker && {
      sizeBytes: Number(text(element, 'Size')),
      etag: unquote(text(element, 'ETag')),
    }),
  }
}

/** As `encoding-type=url` writes it: a space may be a plus. */
function decodeName(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '))
}

export function unquote(etag: string): string {
  return etag.replaceAll('"', '')
}

function text(element: XmlElement, name: string): string {
  return findChildText(element, name) ?? ''
}
