// The S3 operations that load and checks use, one function each, over the small client.
import { createHash } from 'node:crypto'
import { encodeUri } from '../../src/base/sigv4.ts'
import type { S3Answer, S3Client, S3Request } from './s3-client.ts'

/** An answer that says no. The connection is fine; the status and S3's code say why. */
export class S3Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(answer: S3Answer, what: string) {
    const text = answer.body.toString()
    const code = textOf(text, 'Code') ?? 'NoCode'
    super(`${what} was answered ${answer.status} ${code}: ${textOf(text, 'Message') ?? text}`)
    this.status = answer.status
    this.code = code
  }
}

export type ObjectAddress = {
  readonly bucket: string
  readonly key: string
  readonly versionId?: string | undefined
}

export type Written = {
  readonly etag: string
  readonly versionId: string | undefined
  /** How long the device's log was when the server answered, if it was told to say so. */
  readonly position: number | undefined
}

export type ListedVersion = {
  readonly key: string
  readonly versionId: string
  readonly deleteMarker: boolean
  readonly isLatest: boolean
  readonly size: number
  readonly etag: string
}

export type ListedObject = { readonly key: string; readonly size: number; readonly etag: string }

export type UploadAddress = ObjectAddress & { readonly uploadId: string }

export type WrittenPart = { readonly partNumber: number; readonly etag: string }

/** What a watched server says in each answer; see test/power. */
export const POSITION_HEADER = 'x-power-position'
const QUOTES = /^"|"$/g

/** Sends and insists on a success, which is also what a body with an `<Error>` in a 200 is not. */
async function succeed(client: S3Client, request: S3Request): Promise<S3Answer> {
  const answer = await client.send(request)
  const refused = answer.status >= 300 || (request.method === 'POST' && hasError(answer))
  if (refused) throw new S3Refusal(answer, `${request.method} ${request.path}`)
  return answer
}

function hasError(answer: S3Answer): boolean {
  return /<Error>\s*<Code>/.test(answer.body.subarray(0, 500).toString())
}

export function pathOf({ bucket, key }: ObjectAddress): string {
  return `/${bucket}/${key.split('/').map(encodeUri).join('/')}`
}

function writtenFrom({ headers }: S3Answer, xml = ''): Written {
  const etag = textOf(xml, 'ETag') ?? headers.etag ?? ''
  const versionId = headers['x-amz-version-id']
  return {
    etag: etag.replaceAll(QUOTES, ''),
    versionId: typeof versionId === 'string' ? versionId : undefined,
    position: positionOf(headers),
  }
}

function positionOf(headers: S3Answer['headers']): number | undefined {
  const position = headers[POSITION_HEADER]
  return position === undefined ? undefined : Number(position)
}

// ---- buckets

export async function createBucket(client: S3Client, bucket: string): Promise<void> {
  await succeed(client, { method: 'PUT', path: `/${bucket}` })
}

export async function listBuckets(client: S3Client): Promise<readonly string[]> {
  const { body } = await succeed(client, { method: 'GET', path: '/' })
  return elements(body.toString(), 'Bucket').map((bucket) => textOf(bucket, 'Name') ?? '')
}

export async function putVersioning(
  client: S3Client,
  { bucket, status }: { readonly bucket: string; readonly status: 'Enabled' | 'Suspended' },
): Promise<void> {
  const body = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status}</Status></VersioningConfiguration>`
  const query = { versioning: '' }
  await succeed(client, { method: 'PUT', path: `/${bucket}`, query, body: Buffer.from(body) })
}

export async function getVersioning(client: S3Client, bucket: string): Promise<string | undefined> {
  const query = { versioning: '' }
  const { body } = await succeed(client, { method: 'GET', path: `/${bucket}`, query })
  return textOf(body.toString(), 'Status')
}

// ---- objects

export async function putObject(
  client: S3Client,
  put: ObjectAddress & {
    readonly body: Uint8Array
    readonly ifMatch?: string | undefined
    readonly ifNoneMatch?: string | undefined
  },
): Promise<Written> {
  const headers = { 'if-match': put.ifMatch, 'if-none-match': put.ifNoneMatch }
  const request = { method: 'PUT', path: pathOf(put), headers, body: put.body } as const
  return writtenFrom(await succeed(client, request))
}

/** Any answer, so that the caller can tell a missing object from a damaged one. */
export async function getObject(client: S3Client, address: ObjectAddress): Promise<S3Answer> {
  const { versionId } = address
  return client.send({ method: 'GET', path: pathOf(address), query: { versionId } })
}

export async function headObject(client: S3Client, address: ObjectAddress): Promise<S3Answer> {
  const { versionId } = address
  return client.send({ method: 'HEAD', path: pathOf(address), query: { versionId } })
}

export async function copyObject(
  client: S3Client,
  { source, target }: { readonly source: ObjectAddress; readonly target: ObjectAddress },
): Promise<Written> {
  const headers = { 'x-amz-copy-source': copySource(source) }
  const answer = await succeed(client, { method: 'PUT', path: pathOf(target), headers })
  return writtenFrom(answer, unescapeXml(answer.body.toString()))
}

function copySource(source: ObjectAddress): string {
  return source.versionId === undefined
    ? pathOf(source)
    : `${pathOf(source)}?versionId=${encodeUri(source.versionId)}`
}

export async function deleteObject(
  client: S3Client,
  address: ObjectAddress,
): Promise<Omit<Written, 'etag'>> {
  const { versionId } = address
  const request = { method: 'DELETE', path: pathOf(address), query: { versionId } } as const
  return writtenFrom(await succeed(client, request))
}

export type DeletedKey = {
  readonly key: string
  /** The id of the delete marker that it left, if any. */
  readonly versionId: string | undefined
}

export async function deleteObjects(
  client: S3Client,
  { bucket, keys }: { readonly bucket: string; readonly keys: readonly string[] },
): Promise<{ readonly deleted: readonly DeletedKey[]; readonly position: number | undefined }> {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join('')
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects}</Delete>`,
  )
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const query = { delete: '' }
  const request = { method: 'POST', path: `/${bucket}`, query, headers, body } as const
  const answer = await succeed(client, request)
  const deleted = elements(answer.body.toString(), 'Deleted').map((xml) => ({
    key: unescapeXml(textOf(xml, 'Key') ?? ''),
    versionId: textOf(xml, 'DeleteMarkerVersionId'),
  }))
  return { deleted, position: positionOf(answer.headers) }
}

// ---- lists

const LISTED_AS = { 'encoding-type': 'url', 'max-keys': '1000' }

/** The current objects of a bucket, by ListObjectsV2, all pages. */
export async function listObjects(
  client: S3Client,
  bucket: string,
): Promise<readonly ListedObject[]> {
  const objects: ListedObject[] = []
  let token: string | undefined
  do {
    const query = { ...LISTED_AS, 'list-type': '2', 'continuation-token': token }
    const { body } = await succeed(client, { method: 'GET', path: `/${bucket}`, query })
    const xml = body.toString()
    objects.push(...elements(xml, 'Contents').map(listedObject))
    token = unescapeXml(textOf(xml, 'NextContinuationToken') ?? '') || undefined
  } while (token !== undefined)
  return objects
}

/** The versions and delete markers of a bucket in listed order, all pages. */
export async function listVersions(
  client: S3Client,
  bucket: string,
): Promise<readonly ListedVersion[]> {
  const versions: ListedVersion[] = []
  let marker: { readonly 'key-marker': string; readonly 'version-id-marker': string } | undefined
  do {
    const query = { ...LISTED_AS, versions: '', ...marker }
    const { body } = await succeed(client, { method: 'GET', path: `/${bucket}`, query })
    const xml = body.toString()
    for (const match of xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
      versions.push(listedVersion(match[2] ?? '', { element: match[1] ?? '' }))
    }
    marker = nextMarker(xml)
  } while (marker !== undefined)
  return versions
}

function nextMarker(
  xml: string,
): { 'key-marker': string; 'version-id-marker': string } | undefined {
  if (textOf(xml, 'IsTruncated') !== 'true') return undefined
  const key = decodeListed(textOf(xml, 'NextKeyMarker') ?? '')
  return { 'key-marker': key, 'version-id-marker': textOf(xml, 'NextVersionIdMarker') ?? '' }
}

function listedObject(xml: string): ListedObject {
  return {
    key: decodeListed(textOf(xml, 'Key') ?? ''),
    size: Number(textOf(xml, 'Size') ?? 0),
    etag: unescapeXml(textOf(xml, 'ETag') ?? '').replaceAll(QUOTES, ''),
  }
}

function listedVersion(xml: string, { element }: { readonly element: string }): ListedVersion {
  const versionId = textOf(xml, 'VersionId') ?? ''
  const isLatest = textOf(xml, 'IsLatest') === 'true'
  return { ...listedObject(xml), versionId, deleteMarker: element === 'DeleteMarker', isLatest }
}

/** `encoding-type=url` percent-encodes keys, some servers with `+` for a blank. */
function decodeListed(text: string): string {
  return decodeURIComponent(unescapeXml(text).replaceAll('+', '%20'))
}

// ---- uploads

export async function beginUpload(client: S3Client, address: ObjectAddress): Promise<string> {
  const query = { uploads: '' }
  const { body } = await succeed(client, { method: 'POST', path: pathOf(address), query })
  return textOf(body.toString(), 'UploadId') ?? ''
}

export async function putPart(
  client: S3Client,
  part: UploadAddress & { readonly partNumber: number; readonly body: Uint8Array },
): Promise<WrittenPart> {
  const query = { partNumber: String(part.partNumber), uploadId: part.uploadId }
  const request = { method: 'PUT', path: pathOf(part), query, body: part.body } as const
  const { etag } = writtenFrom(await succeed(client, request))
  return { partNumber: part.partNumber, etag }
}

export async function completeUpload(
  client: S3Client,
  upload: UploadAddress & { readonly parts: readonly WrittenPart[] },
): Promise<Written> {
  const parts = upload.parts
    .map(({ partNumber, etag }) => `<PartNumber>${partNumber}</PartNumber><ETag>"${etag}"</ETag>`)
    .map((part) => `<Part>${part}</Part>`)
    .join('')
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`,
  )
  const query = { uploadId: upload.uploadId }
  const answer = await succeed(client, { method: 'POST', path: pathOf(upload), query, body })
  return writtenFrom(answer, unescapeXml(answer.body.toString()))
}

/** The parts of an open upload, or undefined when there is no such upload. */
export async function findParts(
  client: S3Client,
  upload: UploadAddress,
): Promise<readonly WrittenPart[] | undefined> {
  const query = { uploadId: upload.uploadId }
  const answer = await client.send({ method: 'GET', path: pathOf(upload), query })
  if (answer.status === 404) return undefined
  if (answer.status >= 300) throw new S3Refusal(answer, `ListParts ${pathOf(upload)}`)
  return elements(answer.body.toString(), 'Part').map((part) => ({
    partNumber: Number(textOf(part, 'PartNumber')),
    etag: unescapeXml(textOf(part, 'ETag') ?? '').replaceAll(QUOTES, ''),
  }))
}

// ---- the little XML that S3 answers with

function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
}

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(
    ([, text]) => text ?? '',
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return ENTITIES[String(name)] ?? whole
  })
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
