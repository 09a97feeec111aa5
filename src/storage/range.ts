import { StorageError } from './storage-error.ts'

/** A stretch of bytes, half open: `start` is in it, `end` is not. */
export type ByteRange = { readonly start: number; readonly end: number }

/**
 * What a caller asks for before the size is known: from a place on, up to a place, or the last
 * bytes.
 */
export type RangeRequest =
  | { readonly start: number; readonly end?: number }
  | { readonly lastBytes: number }

/**
 * The bytes that `request` names in an object of `size` bytes, clamped to its end.
 * @throws StorageError `InvalidRange` when none of them exists (RFC 9110 §14.1.2)
 */
export function resolveRange(request: RangeRequest | undefined, size: number): ByteRange {
  if (request === undefined) return { start: 0, end: size }
  if ('lastBytes' in request) {
    if (request.lastBytes > 0 && size > 0) {
      return { start: Math.max(0, size - request.lastBytes), end: size }
    }
  } else {
    const { start, end = size } = request
    if (start < Math.min(end, size)) return { start, end: Math.min(end, size) }
  }
  throw outside(size)
}

/**
 * Passes when all of `range` lies in an object of `size` bytes: the rule for copied parts.
 * @throws StorageError `InvalidRange`
 */
export function assertWithin(range: ByteRange, size: number): void {
  if (range.start >= range.end || range.end > size) throw outside(size)
}

function outside(size: number): StorageError {
  return new StorageError('InvalidRange', `The range lies outside the object of ${size} bytes.`, {
    details: { size },
  })
}
