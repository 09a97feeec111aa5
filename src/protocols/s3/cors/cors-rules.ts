// The CORS rules of a bucket: as AWS's document, as our own, and what both must keep to.
import {
  findChild,
  findChildren,
  findChildText,
  type Xml,
  type XmlElement,
  xmlElement,
  xmlText,
} from '../../../base/xml.ts'
import type { Storage } from '../../../storage/storage.ts'
import { S3Error } from '../errors.ts'

export type CorsRule = {
  readonly id?: string
  /** At most one `*` in each; so with the headers. */
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  /** What a preflight may announce. */
  readonly headers: readonly string[]
  /** What scripts may read of an answer. */
  readonly exposed: readonly string[]
  readonly maxAgeSeconds?: number
}

export const CORS_DOCUMENT = 'cors'

/** The rules of a bucket, in their order. @throws StorageError `NoSuchBucket` */
export async function findCorsRules(
  bucket: string,
  storage: Storage,
): Promise<readonly CorsRule[] | undefined> {
  const document = await storage.documents.find(bucket, CORS_DOCUMENT)
  return document && JSON.parse(document.content)
}

const RULES_MAX = 100
const ID_CHARACTERS_MAX = 255
const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])

/**
 * @see S3 API Reference, CORSRule; S3 User Guide, "Elements of a CORS configuration"
 * @throws S3Error `MalformedXML`, `InvalidRequest`
 */
export function parseCorsRules(document: XmlElement): readonly CorsRule[] {
  const rules = findChildren(document, 'CORSRule').map(parseRule)
  if (rules.length === 0) throw new S3Error('MalformedXML')
  if (rules.length > RULES_MAX) {
    throw refuse(`The number of CORS rules should not exceed allowed limit of ${RULES_MAX} rules.`)
  }
  for (const rule of rules) checkRule(rule)
  return rules
}

function parseRule(element: XmlElement): CorsRule {
  const id = findChildText(element, 'ID')
  const maxAge = findChild(element, 'MaxAgeSeconds')
  const rule: CorsRule = {
    ...(id !== undefined && { id }),
    origins: textsOf(element, 'AllowedOrigin'),
    methods: textsOf(element, 'AllowedMethod'),
    headers: textsOf(element, 'AllowedHeader'),
    exposed: textsOf(element, 'ExposeHeader'),
    ...(maxAge && { maxAgeSeconds: parseSeconds(maxAge.text) }),
  }
  if (rule.origins.length === 0 || rule.methods.length === 0) throw new S3Error('MalformedXML')
  return rule
}

function textsOf(element: XmlElement, name: string): readonly string[] {
  return findChildren(element, name).map(({ text }) => text)
}

const SECONDS_MAX = 2_147_483_647

function parseSeconds(text: string): number {
  const seconds = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (seconds <= SECONDS_MAX) return seconds
  throw new S3Error('MalformedXML')
}

function checkRule({ id, origins, methods, headers, exposed }: CorsRule): void {
  const method = methods.find((name) => !METHODS.has(name))
  if (method !== undefined) {
    throw refuse(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
  }
  for (const origin of origins) checkWildcards('AllowedOrigin', origin)
  for (const header of headers) checkWildcards('AllowedHeader', header)
  const wild = exposed.find((name) => name.includes('*'))
  if (wild !== undefined) {
    throw refuse(
      `ExposeHeader "${wild}" contains wildcard. We currently do not support wildcard for ` +
        'ExposeHeader.',
    )
  }
  const unsendable = [...origins, ...exposed].find((text) => !PRINTABLE.test(text))
  if (unsendable !== undefined) throw refuse(`"${unsendable}" cannot be written into a header.`)
  if (id !== undefined && id.length > ID_CHARACTERS_MAX) {
    throw refuse(`The ID of a CORS rule must not be longer than ${ID_CHARACTERS_MAX} characters.`)
  }
}

/** These go into headers of answers as they are. */
const PRINTABLE = /^[\x20-\x7e]*$/

function checkWildcards(element: string, pattern: string): void {
  if (pattern.indexOf('*') === pattern.lastIndexOf('*')) return
  throw refuse(`${element} "${pattern}" can not have more than one wildcard.`)
}

function refuse(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}

export function renderCorsRule(rule: CorsRule): Xml {
  return xmlElement('CORSRule', [
    xmlText('ID', rule.id),
    ...rule.headers.map((header) => xmlText('AllowedHeader', header)),
    ...rule.methods.map((method) => xmlText('AllowedMethod', method)),
    ...rule.origins.map((origin) => xmlText('AllowedOrigin', origin)),
    ...rule.exposed.map((header) => xmlText('ExposeHeader', header)),
    xmlText('MaxAgeSeconds', rule.maxAgeSeconds),
  ])
}
