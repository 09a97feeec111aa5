import { xmlElement, xmlText, type Xml } from '../../../base/xml.ts'
import { LIMITS } from '../../../storage/limits.ts'
import type { FoundObject } from '../../../storage/object-store.ts'
import type { ObjectPart } from '../../../storage/object-version.ts'
import { findHeader } from '../../http/request.ts'
import { versionHeaders, xmlAnswer } from '../answer.ts'
import { renderChecksum, renderPartChecksum } from '../checksums.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { readOptions, versionAccess, versionName } from '../named.ts'
import type { S3Operation, S3Request } from '../operation.ts'

/** @see S3 API Reference, GetObjectAttributes */
export const getObjectAttributes: S3Operation = {
  name: 'GetObjectAttributes',
  method: 'GET',
  on: 'object',
  selectors: ['?attributes'],

  access: (call) => [
    versionAccess(call, { verb: 'GetObject' }),
    versionAccess(call, { verb: 'GetObject', what: 'Attributes' }),
  ],

  async run(request, storage) {
    const bucket = await storage.buckets.get(request.bucket)
    const wanted = parseAttributes(request)
    const { condition } = readOptions(request)
    const found = await storage.objects.head(versionName(request), condition ? { condition } : {})
    const { version } = found
    const shown: Readonly<Record<Attribute, Xml | undefined>> = {
      ETag: xmlText('ETag', version.etag),
      Checksum: version.checksum && xmlElement('Checksum', renderChecksum(version.checksum)),
      ObjectParts: renderParts(found, request),
      StorageClass: xmlText('StorageClass', version.storageClass),
      ObjectSize: xmlText('ObjectSize', version.size),
    }
    return xmlAnswer(
      'GetObjectAttributesResponse',
      ATTRIBUTES.map((name) => (wanted.has(name) ? shown[name] : undefined)),
      { 'last-modified': version.modifiedAt.toUTCString(), ...versionHeaders(bucket, version) },
    )
  },
}

const ATTRIBUTES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const
type Attribute = (typeof ATTRIBUTES)[number]

function parseAttributes({ headers }: S3Request): ReadonlySet<string> {
  const name = 'x-amz-object-attributes'
  const wanted = (findHeader(headers, name) ?? '')
    .split(',')
    .map((attribute) => attribute.trim())
    .filter((attribute) => attribute !== '')
  if (wanted.length === 0) {
    throw new S3Error('InvalidRequest', {
      message: `The ${name} header specifying the attributes to be retrieved is either missing or empty`,
    })
  }
  const known: readonly string[] = ATTRIBUTES
  const unknown = wanted.find((attribute) => !known.includes(attribute))
  if (unknown === undefined) return new Set(wanted)
  throw invalidArgument('Invalid attribute name specified.', { name, value: unknown })
}

function renderParts({ version, parts }: FoundObject, request: S3Request): Xml | undefined {
  if (version.partCount === undefined) return undefined
  const after = parseNumber(request, 'x-amz-part-number-marker') ?? 0
  const limit = Math.min(
    parseNumber(request, 'x-amz-max-parts') ?? LIMITS.listPage,
    LIMITS.listPage,
  )
  const rest = parts.filter(({ partNumber }) => partNumber > after)
  const page = rest.slice(0, limit)
  return xmlElement('ObjectParts', [
    xmlText('PartsCount', version.partCount),
    xmlText('PartNumberMarker', after),
    xmlText('NextPartNumberMarker', page.at(-1)?.partNumber ?? 0),
    xmlText('MaxParts', limit),
    xmlText('IsTruncated', page.length < rest.length),
    ...page.map(renderPart),
  ])
}

function renderPart({ partNumber, size, checksum }: ObjectPart): Xml {
  return xmlElement('Part', [
    xmlText('PartNumber', partNumber),
    xmlText('Size', size),
    renderPartChecksum(checksum),
  ])
}

function parseNumber({ headers }: S3Request, name: string): number | undefined {
  const value = findHeader(headers, name)
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, { name, value })
}
