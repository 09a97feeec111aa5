// What may be asked of storage at all: sizes, counts and numbers, before any store sees them.
import { LIMITS } from '../limits.ts'
import type { GetOptions, NewVersion } from '../object-store.ts'
import type { ContentHeaders, Pairs } from '../object-version.ts'
import { StorageError } from '../storage-error.ts'

/** @throws StorageError `MetadataTooLarge`, `InvalidArgument` */
export function assertNewVersion(
  options: Partial<Pick<NewVersion, 'headers' | 'metadata' | 'tags' | 'acl'>>,
): void {
  const { headers = {}, metadata = [], tags = [], acl } = options
  assertHeaders(headers)
  assertBytes(sizeOfPairs(metadata), LIMITS.metadataBytes, 'The metadata')
  assertTags(tags)
  if (acl !== undefined) assertAcl(acl)
}

function assertHeaders(headers: ContentHeaders): void {
  const size = Object.values(headers).reduce((sum, value) => sum + Buffer.byteLength(value), 0)
  assertBytes(size, LIMITS.headerBytes, 'The content headers')
}

/** @see S3 User Guide, Categorizing your storage using tags */
export function assertTags(tags: Pairs): void {
  const names = new Set(tags.map(([name]) => name))
  if (names.size < tags.length) throw invalidArgument('A tag is named twice; name each tag once.')
  if (tags.length > LIMITS.objectTags) {
    throw invalidArgument(`An object has at most ${LIMITS.objectTags} tags, not ${tags.length}.`)
  }
  for (const [name, value] of tags) {
    if (name === '' || name.length > LIMITS.tagNameCharacters) {
      throw invalidArgument(`A tag's name has 1 to ${LIMITS.tagNameCharacters} characters.`)
    }
    if (value.length > LIMITS.tagValueCharacters) {
      throw invalidArgument(`A tag's value has at most ${LIMITS.tagValueCharacters} characters.`)
    }
  }
}

export function assertAcl(acl: string): void {
  assertBytes(Buffer.byteLength(acl), LIMITS.aclBytes, 'The ACL')
}

export function assertListLimit(limit: number): void {
  assertInteger(limit, { from: 0, to: LIMITS.listPage, what: 'The limit of a list' })
}

export function assertPartNumber(partNumber: number): void {
  assertInteger(partNumber, { from: 1, to: LIMITS.parts, what: 'A part number' })
}

export function assertGetOptions({ range, partNumber }: GetOptions): void {
  if (partNumber !== undefined) assertPartNumber(partNumber)
  if (range === undefined) return
  if (partNumber !== undefined)
    throw invalidArgument('Ask for a range or for a part, not for both.')
  for (const number of Object.values(range)) {
    const to = Number.MAX_SAFE_INTEGER
    if (number !== undefined) assertInteger(number, { from: 0, to, what: 'The bound of a range' })
  }
}

function assertInteger(
  value: number,
  { from, to, what }: { readonly from: number; readonly to: number; readonly what: string },
): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return
  throw invalidArgument(`${what} is a whole number from ${from} to ${to}, not ${value}.`)
}

function assertBytes(size: number, limit: number, what: string): void {
  if (size <= limit) return
  throw new StorageError('MetadataTooLarge', `${what} may have ${limit} bytes, not ${size}.`, {
    details: { size },
  })
}

function sizeOfPairs(pairs: Pairs): number {
  return pairs.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  )
}

export function invalidArgument(message: string): StorageError {
  return new StorageError('InvalidArgument', message)
}
