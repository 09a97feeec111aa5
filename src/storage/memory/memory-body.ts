// Bytes in memory: pieces that nobody changes once they are here, so that versions may share them.
import type { Body, BodyDigest, ByteStream } from '../body.ts'
import type { ByteRange } from '../range.ts'

export type Pieces = readonly Uint8Array[]

const CHUNK_BYTES = 65_536

/** Reads a body to its clean end. Chunks are copied, for their sender may use them again. */
export async function receiveBody(
  body: Body,
  signal: AbortSignal | undefined,
): Promise<{ readonly pieces: Pieces; readonly digest: BodyDigest }> {
  const pieces: Uint8Array[] = []
  signal?.throwIfAborted()
  for await (const chunk of body.bytes) {
    signal?.throwIfAborted()
    pieces.push(Uint8Array.from(chunk))
  }
  signal?.throwIfAborted()
  return { pieces, digest: body.digest() }
}

/** Streams a range. Chunks are copies that belong to the reader. */
export function streamPieces(pieces: Pieces, range: ByteRange): ByteStream {
  const chunks = chunksOf(slicePieces(pieces, range))
  const stream: ByteStream = {
    next: async () => chunks.next(),
    return: async () => chunks.return(undefined),
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

/** The pieces of a range: views, no copies. */
export function slicePieces(pieces: Pieces, { start, end }: ByteRange): Pieces {
  let passed = 0
  return pieces.flatMap((piece) => {
    const view = piece.subarray(Math.max(0, start - passed), Math.max(0, end - passed))
    passed += piece.length
    return view.length === 0 ? [] : [view]
  })
}

function* chunksOf(pieces: Pieces): Generator<Uint8Array, undefined> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
      yield piece.slice(at, at + CHUNK_BYTES)
    }
  }
  return undefined
}
