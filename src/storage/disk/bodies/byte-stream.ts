import type { ByteStream } from '../../body.ts'

/** Where the chunks of a stream come from. */
export interface ChunkSource {
  /**
   * The next bytes, or undefined at the end. Called again only when the last chunk is done with.
   */
  read(): Promise<Uint8Array | undefined>
  /** Frees what the source holds. Called exactly once, when no read is under way. */
  free(): Promise<void>
}

/**
 * A stream over `source`. Written by hand because a generator that was never started would not run
 * its
 * `finally`: here `return()` frees everything even before the first `next()`.
 */
export function createByteStream(source: ChunkSource): ByteStream {
  let ended = false
  let turn: Promise<unknown> = Promise.resolve()

  const end = async (): Promise<{ readonly done: true; readonly value: undefined }> => {
    if (!ended) {
      ended = true
      await source.free()
    }
    return { done: true, value: undefined }
  }
  const step = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (ended) return { done: true, value: undefined }
    try {
      const value = await source.read()
      return value === undefined ? await end() : { done: false, value }
    } catch (error) {
      await end()
      throw error
    }
  }
  // A call waits for the one before it, so that nothing is freed under a read.
  const inTurn = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = turn.then(act, act)
    turn = result
    return result
  }
  const stream: ByteStream = {
    next: () => inTurn(step),
    return: () => inTurn(end),
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
