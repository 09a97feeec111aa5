// Lines and stretches of bytes from a stream that is cut anywhere.

export interface ByteReader {
  /**
   * The next line without its `\n` or `\r\n`, as latin1; `undefined` at the end of the stream,
   * where a last line without an end counts as missing.
   * @throws LineTooLongError
   */
  readLine(): Promise<string | undefined>
  /** At least one byte and at most `maxBytes`, not copied; `undefined` at the end of the stream. */
  readSome(maxBytes: number): Promise<Uint8Array | undefined>
  /** Ends the reading wherever it is, and frees the source. */
  close(): Promise<void>
}

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
}

const LINE_FEED = 10
const NOTHING = new Uint8Array()

export function createByteReader(
  source: AsyncIterable<Uint8Array>,
  { maxLineBytes }: { readonly maxLineBytes: number },
): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let current: Uint8Array = NOTHING
  let isEnded = false

  /** Whether there is at least one byte in `current`. */
  const fill = async (): Promise<boolean> => {
    while (current.length === 0 && !isEnded) {
      const result = await iterator.next()
      if (result.done === true) isEnded = true
      else current = result.value
    }
    return current.length > 0
  }

  return {
    async readLine() {
      let line = ''
      while (await fill()) {
        const end = current.indexOf(LINE_FEED)
        line += latin1(current.subarray(0, end === -1 ? current.length : end))
        current = current.subarray(end === -1 ? current.length : end + 1)
        if (line.length > maxLineBytes) {
          throw new LineTooLongError(`A line is longer than ${maxLineBytes} bytes.`)
        }
        if (end !== -1) return line.endsWith('\r') ? line.slice(0, -1) : line
      }
      return undefined
    },
    async readSome(maxBytes) {
      if (!(await fill())) return undefined
      const some = current.subarray(0, maxBytes)
      current = current.subarray(some.length)
      return some
    },
    async close() {
      current = NOTHING
      if (isEnded) return
      isEnded = true
      await iterator.return?.()
    },
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
