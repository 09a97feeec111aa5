import type { ByteStream } from '../../body.ts'

/** The same stream, after its first bytes have been read: where they lie is open now. */
export async function beginStream(stream: ByteStream): Promise<ByteStream> {
  let first: IteratorResult<Uint8Array, undefined> | undefined = await stream.next()
  const begun: ByteStream = {
    async next() {
      if (first === undefined) return stream.next()
      const result = first
      first = undefined
      return result
    },
    return() {
      first = undefined
      return stream.return()
    },
    [Symbol.asyncIterator]: () => begun,
  }
  return begun
}
