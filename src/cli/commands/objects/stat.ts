import type { IncomingHttpHeaders } from 'node:http'
import { Command } from 'commander'
import { findChild, findChildText } from '../../../base/xml.ts'
import { printLine, printText } from '../../print-lines.ts'
import { renderFacts } from '../../records.ts'
import { openS3, type S3Client } from '../../s3/client.ts'
import { addEndpointOptions, type EndpointOptions, findEndpoint } from '../../s3/endpoint.ts'
import { headObject, type Source } from '../../s3/read-object.ts'
import { isRefusal } from '../../s3/s3-failure.ts'
import { getTags } from '../../s3/tags.ts'
import { parseTarget, renderTarget } from '../../s3/target.ts'

type Options = EndpointOptions & { readonly versionId?: string; readonly json?: true }

type Facts = Readonly<Record<string, string | number | readonly string[] | undefined>>

export function statCommand(): Command {
  const command = new Command('stat')
    .description('Show all that is known of an object, or of a bucket.')
    .argument('<target>', 'bucket/key, or bucket')
    .option('--version-id <id>', 'this version of the object')
    .option('--json', 'one line of JSON')
    .action(show)
  return addEndpointOptions(command)
}

async function show(text: string, options: Options): Promise<void> {
  const { versionId, json } = options
  const target = { ...parseTarget(text), ...(versionId !== undefined && { versionId }) }
  const client = openS3(await findEndpoint(options))
  const facts =
    target.key === '' ? await bucketFacts(client, target.bucket) : await objectFacts(client, target)
  if (json === true) return printLine(facts)
  const shown = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'number' ? String(value) : value] as const],
  )
  await printText(renderFacts(Object.fromEntries(shown)))
}

async function objectFacts(client: S3Client, source: Source): Promise<Facts> {
  const { sizeBytes, etag, headers } = await headObject(client, source)
  const modified = headers['last-modified']
  return {
    object: renderTarget(source),
    sizeBytes,
    etag,
    modifiedAt: modified === undefined ? undefined : new Date(modified).toISOString(),
    ...spokenHeaders(headers),
    tags: await findTags(client, source),
  }
}

/** Those that belong to the connection or are said otherwise already. */
const SILENT_HEADERS: ReadonlySet<string> = new Set([
  'content-length',
  'etag',
  'last-modified',
  'date',
  'connection',
  'keep-alive',
  'server',
  'accept-ranges',
  'vary',
  'x-amz-request-id',
  'x-amz-id-2',
])

/** Metadata, checksums, lock and whatever else the store says, under the header's own name. */
function spokenHeaders(headers: IncomingHttpHeaders): Facts {
  const spoken = Object.entries(headers).filter(([name]) => !SILENT_HEADERS.has(name))
  return Object.fromEntries(
    spoken.map(([name, value]) => [name, decodeHeader([value].flat().join(', '))]),
  )
}

/** Header values come as bytes; metadata is UTF-8 where it is text at all. */
function decodeHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? value : text
}

/** Undefined for whoever may not see them. */
async function findTags(client: S3Client, source: Source): Promise<readonly string[] | undefined> {
  try {
    return (await getTags(client, source)).map((tag) => tag.join('='))
  } catch (error) {
    if (isRefusal(error, 'AccessDenied', 'NotImplemented')) return undefined
    throw error
  }
}

async function bucketFacts(client: S3Client, bucket: string): Promise<Facts> {
  const { headers } = await client.send({ method: 'HEAD', bucket })
  const region = headers['x-amz-bucket-region']
  return {
    bucket,
    region: typeof region === 'string' ? region : undefined,
    versioning:
      (await findSetting(client, { bucket, query: 'versioning', path: ['Status'] })) ?? 'Off',
    objectLock: await findSetting(client, {
      bucket,
      query: 'object-lock',
      path: ['ObjectLockEnabled'],
    }),
    defaultRetention: await findSetting(client, {
      bucket,
      query: 'object-lock',
      path: ['Rule', 'DefaultRetention', 'Mode'],
    }),
  }
}

type SoughtSetting = {
  readonly bucket: string
  readonly query: string
  readonly path: readonly string[]
}

async function findSetting(
  client: S3Client,
  { bucket, query, path }: SoughtSetting,
): Promise<string | undefined> {
  try {
    const root = await client.ask({ method: 'GET', bucket, query: { [query]: '' } })
    const parent = path
      .slice(0, -1)
      .reduce(
        (element, name) => element && findChild(element, name),
        root as typeof root | undefined,
      )
    return parent && findChildText(parent, path.at(-1) ?? '')
  } catch (error) {
    if (isRefusal(error, NO_LOCK, 'AccessDenied', 'NotImplemented')) return undefined
    throw error
  }
}

const NO_LOCK = 'ObjectLockConfigurationNotFoundError'
