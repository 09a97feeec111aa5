import type { RangeRequest } from '../../storage/range.ts'

const SINGLE_RANGE = /^bytes[ \t]*=[ \t]*(?:(\d+)[ \t]*)?-[ \t]*(?:(\d+)[ \t]*)?$/i

/**
 * The bytes that a Range header asks for; half open, unlike the header. `undefined` stands for the
 * whole object: no header, another unit, nonsense, or several ranges, which S3 does not answer
 * apart. Whether the range exists is for whoever knows the object's size.
 * @see RFC 9110 §14.2
 */
export function parseRange(header: string | undefined): RangeRequest | undefined {
  const match = header === undefined ? null : SINGLE_RANGE.exec(header)
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') return last === '' ? undefined : { lastBytes: toOffset(last) }
  if (last === '') return { start: toOffset(first) }
  if (toOffset(last) < toOffset(first)) return undefined
  return { start: toOffset(first), end: toOffset(last) + 1 }
}

/** The Content-Range of an answer with these bytes. @see RFC 9110 §14.4 */
export function formatContentRange(
  range: { readonly start: number; readonly end: number },
  sizeBytes: number,
): string {
  return `bytes ${range.start}-${range.end - 1}/${sizeBytes}`
}

/**
 * Offsets beyond what a number holds exactly lie behind every object, so the largest one will do.
 */
function toOffset(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1)
}
