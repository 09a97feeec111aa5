// The fields of a form as the headers that PutObject would have, so that one code reads both.
import { parseXml, XmlError } from '../../../base/xml.ts'
import type { FormFields } from '../../http/signature/form-signature.ts'
import type { HttpHeaders } from '../../http/request.ts'
import { S3Error } from '../errors.ts'
import { OBJECT_TAGS, parseTagging } from '../tagging.ts'

/** Fields that have the name and the meaning of a header. */
const HEADERS: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
])

/** @see RFC 9110 §5.6.2 */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** What proves who sends the form, and is nothing of the object. */
const PROOFS: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
])

/**
 * Values as they come over the wire, a character a byte.
 * @throws S3Error `MalformedXML`, `MalformedPostRequest`
 */
export function formHeaders(fields: FormFields): HttpHeaders {
  const headers = [...fields].flatMap(([name, value]) => {
    if (name === 'acl') return [['x-amz-acl', value] as const]
    if (name === 'tagging') return [['x-amz-tagging', renderTags(value)] as const]
    const isHeader = HEADERS.has(name) || (name.startsWith('x-amz-') && !PROOFS.has(name))
    if (!isHeader) return []
    // Metadata goes back as headers: an object with any other name could never be answered.
    if (!TOKEN.test(name)) throw new S3Error('MalformedPostRequest')
    return [[name, value] as const]
  })
  return Object.fromEntries(
    headers.map(([name, value]) => [name, [Buffer.from(value).toString('latin1')]]),
  )
}

const TAGGING_DEPTH = 4

/** A document in a form, a list in a header. */
function renderTags(text: string): string {
  try {
    const document = parseXml(Buffer.from(text), {
      maxSizeBytes: text.length * 4,
      maxDepth: TAGGING_DEPTH,
    })
    if (document.name !== 'Tagging') throw new S3Error('MalformedXML')
    const tags = new URLSearchParams()
    for (const [name, value] of parseTagging(document, OBJECT_TAGS)) tags.append(name, value)
    return tags.toString()
  } catch (cause) {
    if (cause instanceof XmlError) throw new S3Error('MalformedXML', { cause })
    throw cause
  }
}
