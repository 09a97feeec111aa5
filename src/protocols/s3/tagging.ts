// Tags of objects and buckets: as a header, as a document, and S3's rules for both.
import { findChild, findChildren, findChildText, xmlElement, xmlText } from '../../base/xml.ts'
import type { Xml, XmlElement } from '../../base/xml.ts'
import { LIMITS } from '../../storage/limits.ts'
import type { Pairs } from '../../storage/object-version.ts'
import { findHeader, type HttpHeaders } from '../http/request.ts'
import { type ErrorFields, invalidArgument, S3Error } from './errors.ts'

/**
 * `x-amz-tagging: name=value&other=value`, encoded as a form is.
 * @throws S3Error `InvalidArgument`, `InvalidTag`, `TooManyTags`
 */
export function parseTaggingHeader(headers: HttpHeaders): Pairs {
  const name = 'x-amz-tagging'
  const value = findHeader(headers, name)
  if (value === undefined) return []
  const parameters = new URLSearchParams(value)
  parameters.sort()
  const tags = [...parameters]
  if (parameters.has('') || findTwice(tags) !== undefined) {
    throw invalidArgument(
      `The header '${name}' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.`,
      { name, value },
    )
  }
  return checkTags(tags, OBJECT_TAGS)
}

export type TagLimit = { readonly max: number; readonly message: string }

export const OBJECT_TAGS: TagLimit = {
  max: LIMITS.objectTags,
  message: `Object tags cannot be greater than ${LIMITS.objectTags}`,
}
export const BUCKET_TAGS: TagLimit = {
  max: 50,
  message: 'Bucket tag count cannot be greater than 50',
}

/** @throws S3Error `MalformedXML`, `InvalidTag`, `TooManyTags` */
export function parseTagging(document: XmlElement, limit: TagLimit): Pairs {
  const set = findChild(document, 'TagSet')
  if (set === undefined) throw new S3Error('MalformedXML')
  return parseTagSet(set, limit)
}

/** The tags right below an element. @throws S3Error `MalformedXML`, `InvalidTag`, `TooManyTags` */
export function parseTagSet(set: XmlElement, limit: TagLimit): Pairs {
  const tags = findChildren(set, 'Tag').map((tag) => {
    const name = findChildText(tag, 'Key')
    const value = findChildText(tag, 'Value')
    if (name === undefined || value === undefined) throw new S3Error('MalformedXML')
    return [name, value] as const
  })
  return checkTags(tags, limit)
}

export function renderTagSet(tags: Pairs): Xml {
  const rows = tags.map(([name, value]) =>
    xmlElement('Tag', [xmlText('Key', name), xmlText('Value', value)]),
  )
  return xmlElement('TagSet', rows)
}

const TAG_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/**
 * @see S3 User Guide, "Categorizing your objects using tags"; S3 Control API Reference, S3Tag
 */
function checkTags(tags: Pairs, { max, message }: TagLimit): Pairs {
  if (tags.length > max) throw new S3Error('TooManyTags', { message })
  const twice = findTwice(tags)
  if (twice !== undefined) {
    throw refuse('Cannot provide multiple Tags with the same key', { TagKey: twice })
  }
  for (const [name, value] of tags) {
    const isName = name !== '' && TAG_CHARACTERS.test(name)
    if (!isName || name.length > LIMITS.tagNameCharacters) {
      throw refuse('The TagKey you have provided is invalid', { TagKey: name })
    }
    if (value.length > LIMITS.tagValueCharacters || !TAG_CHARACTERS.test(value)) {
      throw refuse('The TagValue you have provided is invalid', { TagKey: name, TagValue: value })
    }
    if (name.startsWith('aws:')) {
      throw refuse('System tags cannot be added/updated by requester', { TagKey: name })
    }
  }
  return tags
}

/** A name that more than one tag has. */
function findTwice(tags: Pairs): string | undefined {
  const names = tags.map(([name]) => name)
  return names.find((name, at) => names.indexOf(name) < at)
}

function refuse(message: string, fields: ErrorFields): S3Error {
  return new S3Error('InvalidTag', { message, fields })
}
