// What all lists have in common: page size, delimiter, encoding of names, continuation.
import { xmlElement, xmlText, type Xml } from '../../base/xml.ts'
import type { Account } from '../../services/access/caller.ts'
import { LIMITS } from '../../storage/limits.ts'
import type { ObjectSummary } from '../../storage/object-store.ts'
import { findParameter, type Query } from '../http/query.ts'
import { renderAccount, renderEtag, renderModified } from './answer.ts'
import { renderChecksumAlgorithm } from './checksums.ts'
import { invalidArgument } from './errors.ts'

/**
 * The largest page size that AWS takes; the page has at most `LIMITS.listPage` entries all the
 * same.
 */
const MAX_INTEGER = 2_147_483_647

/** What AWS calls two of the parameters when it refuses them. */
const ARGUMENT_NAMES: Readonly<Record<string, string>> = {
  'max-keys': 'maxKeys',
  'max-uploads': 'maxUploads',
}

export type Listing = {
  readonly prefix: string
  readonly delimiter: string | undefined
  readonly limit: number
  readonly encodingType: 'url' | undefined
}

/** @throws S3Error `InvalidArgument` */
export function parseListing(query: Query, sizeParameter: 'max-keys' | 'max-uploads'): Listing {
  return {
    prefix: findParameter(query, 'prefix') ?? '',
    delimiter: findText(query, 'delimiter'),
    limit: parsePageSize(query, sizeParameter),
    encodingType: parseEncodingType(query),
  }
}

/** The part of a listing that a store is asked for. */
export function toPageRequest({ prefix, delimiter, limit }: Listing): {
  readonly prefix: string
  readonly delimiter?: string
  readonly limit: number
} {
  return { prefix, limit, ...(delimiter !== undefined && { delimiter }) }
}

/** A parameter that counts as absent when it is empty. */
export function findText(query: Query, name: string): string | undefined {
  const value = findParameter(query, name)
  return value === '' ? undefined : value
}

/** A page size; larger ones are cut. @throws S3Error `InvalidArgument` */
export function parsePageSize(query: Query, name: string): number {
  return Math.min(parseCount(query, name) ?? LIMITS.listPage, LIMITS.listPage)
}

/** @throws S3Error `InvalidArgument` */
export function parseCount(query: Query, name: string): number | undefined {
  const value = findText(query, name)
  if (value === undefined) return undefined
  const count = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(count) || Math.abs(count) > MAX_INTEGER) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, {
      name,
      value,
    })
  }
  if (count < 0) {
    const argument = ARGUMENT_NAMES[name] ?? name
    throw invalidArgument(`Argument ${argument} must be an integer between 0 and ${MAX_INTEGER}`, {
      name: argument,
      value,
    })
  }
  return count
}

function parseEncodingType(query: Query): 'url' | undefined {
  const value = findText(query, 'encoding-type')
  if (value === undefined) return undefined
  if (value.toLowerCase() === 'url') return 'url'
  throw invalidArgument('Invalid Encoding Method specified in Request', {
    name: 'encoding-type',
    value,
  })
}

/**
 * A key, prefix, delimiter or marker as the caller asked for it. Without `encoding-type=url`
 * control characters become references that strict XML parsers refuse, as on AWS.
 */
export function renderName(
  element: string,
  name: string,
  { encodingType }: Pick<Listing, 'encodingType'>,
): Xml {
  return xmlText(element, encodingType === undefined ? name : encodeName(name))
}

/** A name that is left out when it is absent. */
export function renderOptionalName(
  element: string,
  name: string | undefined,
  listing: Pick<Listing, 'encodingType'>,
): Xml | undefined {
  return name === undefined ? undefined : renderName(element, name, listing)
}

/** Percent-encoded but for slashes: every client decodes `%20`, not every one decodes `+`. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/')
}

export function renderPrefixes(prefixes: readonly string[], listing: Listing): readonly Xml[] {
  return prefixes.map((prefix) =>
    xmlElement('CommonPrefixes', [renderName('Prefix', prefix, listing)]),
  )
}

/** What clients must not read anything into: the last name of a page. */
export function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64url')
}

/** @throws S3Error `InvalidArgument` */
export function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString()
  if (encodeToken(name) === token) return name
  throw invalidArgument('The continuation token provided is incorrect', {
    name: 'continuation-token',
    value: token,
  })
}

type ObjectRendering = { readonly listing: Listing; readonly owner: Account | undefined }

/** An object in ListObjects and ListObjectsV2. */
export function renderObject(object: ObjectSummary, { listing, owner }: ObjectRendering): Xml {
  return xmlElement('Contents', [
    renderName('Key', object.key, listing),
    renderModified(object.modifiedAt),
    renderEtag(object.etag),
    renderChecksumAlgorithm(object.checksum),
    xmlText('Size', object.size),
    owner && renderAccount('Owner', owner),
    xmlText('StorageClass', object.storageClass),
  ])
}
