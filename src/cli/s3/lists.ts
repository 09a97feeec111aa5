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
    const decode = nameDecoder(page)
    yield* prefixesOf(page, decode)
    for (const element of findChildren(page, 'Contents')) yield toObject(element, decode)
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
    const decode = nameDecoder(page)
    yield* prefixesOf(page, decode)
    for (const element of page.children) {
      const isVersion = element.name === 'Version' || element.name === 'DeleteMarker'
      if (isVersion) yield toVersion(element, decode)
    }
    const key = nextOf(page, 'NextKeyMarker')
    if (key === undefined) return
    markers = {
      'key-marker': decode(key),
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
  return findChildText(page, 'IsTruncated') === 'true' ? findChildText(page, name) : undefined
}

function* prefixesOf(page: XmlElement, decode: NameDecoder): Generator<ListedPrefix> {
  for (const element of findChildren(page, 'CommonPrefixes')) {
    yield { prefix: decode(text(element, 'Prefix')) }
  }
}

function toObject(element: XmlElement, decode: NameDecoder): ListedObject {
  return {
    key: decode(text(element, 'Key')),
    sizeBytes: Number(text(element, 'Size')),
    etag: unquote(text(element, 'ETag')),
    modifiedAt: text(element, 'LastModified'),
  }
}

function toVersion(element: XmlElement, decode: NameDecoder): ListedVersion {
  const isMarker = element.name === 'DeleteMarker'
  return {
    key: decode(text(element, 'Key')),
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

type NameDecoder = (name: string) => string

/** Reads the names of a page: encoded if the store does as it is asked, a space maybe as a plus. */
export function nameDecoder(page: XmlElement): NameDecoder {
  if (findChildText(page, 'EncodingType') !== 'url') return (name) => name
  return (name) => decodeURIComponent(name.replaceAll('+', ' '))
}

export function unquote(etag: string): string {
  return etag.replaceAll('"', '')
}

function text(element: XmlElement, name: string): string {
  return findChildText(element, name) ?? ''
}
