import { S3Error } from '../errors.ts'
import type { SizeRange } from './post-policy.ts'

/**
 * The same bytes, as long as they are no more and no fewer than a policy allows.
 * @throws S3Error `FileTooLarge` as soon as it is, `FileTooSmall` at the end
 */
export async function* limitFile(
  file: AsyncIterable<Uint8Array>,
  { min, max }: SizeRange,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of file) {
    size += piece.length
    if (size > max) throw new S3Error('FileTooLarge', { fields: { MaxSizeAllowed: String(max) } })
    yield piece
  }
  if (size >= min) return
  throw new S3Error('FileTooSmall', {
    fields: { ProposedSize: String(size), MinSizeAllowed: String(min) },
  })
}
