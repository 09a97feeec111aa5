// The rules of every list by key: objects, versions and uploads. A store only says how to seek.
import { compareUtf8, stringAfter, stringAfterPrefix } from '../base/utf8-order.ts'

/**
 * A place in a list: after the whole key, or, with `id`, after one of the rows that share the key.
 */
export type ListPosition = { readonly key: string; readonly id?: string }

export type PageRequest = {
  readonly prefix?: string
  readonly delimiter?: string
  readonly after?: ListPosition
  /** Rows and common prefixes together. */
  readonly limit: number
}

/**
 * Gives rows in UTF-8 byte order of their keys, from `key` on; when `pastId` is given, the rows of
 * `key` itself begin after the one with that id. Read lazily: a page stops asking when it is full.
 */
export type SeekRows<Row> = (key: string, pastId?: string) => Iterable<Row>

type Keyed = { readonly key: string }
/** A row, or a common prefix. */
type Entry<Row> = { readonly key: string; readonly row?: Row }

export type Page<Row> = {
  readonly rows: readonly Row[]
  readonly prefixes: readonly string[]
  /** What was given last, when more follow; `row` is absent when that was a common prefix. */
  readonly next?: Entry<Row>
}

/** One page of a list. Keys below a common prefix are not read: the list seeks past them. */
export function collectPage<Row extends Keyed>(
  seek: SeekRows<Row>,
  request: PageRequest,
): Page<Row> {
  const { prefix = '', limit } = request
  const rows: Row[] = []
  const prefixes: string[] = []
  let last: Entry<Row> | undefined
  let source = seekStart(seek, request)
  while (source !== undefined) {
    let common: string | undefined
    for (const row of source) {
      if (!row.key.startsWith(prefix)) return { rows, prefixes }
      if (rows.length + prefixes.length >= limit) {
        return { rows, prefixes, ...(last === undefined ? {} : { next: last }) }
      }
      common = commonPrefixOf(row.key, request)
      if (common !== undefined) break
      rows.push(row)
      last = { key: row.key, row }
    }
    if (common === undefined) break
    prefixes.push(common)
    last = { key: common }
    source = seekPast(seek, common)
  }
  return { rows, prefixes }
}

function seekStart<Row>(seek: SeekRows<Row>, request: PageRequest): Iterable<Row> | undefined {
  const { prefix = '', after } = request
  if (after === undefined || compareUtf8(after.key, prefix) < 0) return seek(prefix)
  if (commonPrefixOf(after.key, request) === after.key) return seekPast(seek, after.key)
  return after.id === undefined ? seek(stringAfter(after.key)) : seek(after.key, after.id)
}

function seekPast<Row>(seek: SeekRows<Row>, prefix: string): Iterable<Row> | undefined {
  const key = stringAfterPrefix(prefix)
  return key === undefined ? undefined : seek(key)
}

/** From the key's start to its first delimiter behind the prefix, that included. */
function commonPrefixOf(key: string, request: PageRequest): string | undefined {
  const { prefix = '', delimiter = '' } = request
  if (delimiter === '' || !key.startsWith(prefix)) return undefined
  const at = key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}
