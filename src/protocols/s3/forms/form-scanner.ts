// Cuts the bytes of a form at its boundaries, wherever they were cut on their way.
import { S3Error } from '../errors.ts'

export interface FormScanner {
  /** What comes before the next boundary, as a whole. @throws S3Error `FormTooLarge` */
  readPart(maxBytes: number): Promise<Uint8Array>
  /** What comes before the next boundary, as it comes. */
  passPart(): AsyncGenerator<Uint8Array>
  /** The lines above a part, without the empty one. @throws S3Error `FormTooLarge` */
  readHead(maxBytes: number): Promise<Uint8Array>
  /** Whether the boundary just passed was the last one; asked once after each. */
  isLast(): Promise<boolean>
  /** Takes in what follows the last boundary. @throws S3Error `MalformedPostRequest` */
  readEpilogue(maxBytes: number): Promise<void>
  /** Ends the reading wherever it is, and frees the source. */
  close(): Promise<void>
}

const LINE_END = Buffer.from('\r\n')
const HEAD_END = Buffer.from('\r\n\r\n')
const LAST = '--'

/** Every method but `close` throws S3Error `MalformedPostRequest` where the form ends too early. */
export function createFormScanner(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): FormScanner {
  const iterator = source[Symbol.asyncIterator]()
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  // The first boundary may be the first thing that comes, without a line end before it.
  let pending: Buffer = LINE_END
  let isEnded = false

  const readMore = async (): Promise<boolean> => {
    // Whoever gives the bytes may use their memory again for the next. Little is ever left of them.
    pending = Buffer.from(pending)
    const result = await iterator.next()
    isEnded = result.done === true
    if (result.done === true) return false
    const { value } = result
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes])
    return true
  }

  const needMore = async (): Promise<void> => {
    if (!(await readMore())) throw new S3Error('MalformedPostRequest')
  }

  async function* pass(end: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = pending.indexOf(end)
      // The end may have come in part, so that much of what there is must wait.
      const sure = at === -1 ? pending.length - overlap(pending, end) : at
      const piece = pending.subarray(0, sure)
      pending = pending.subarray(at === -1 ? sure : at + end.length)
      if (piece.length > 0) yield piece
      if (at !== -1) return
      await needMore()
    }
  }

  const collect = async (end: Buffer, maxBytes: number): Promise<Uint8Array> => {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of pass(end)) {
      size += piece.length
      if (size > maxBytes) throw new S3Error('FormTooLarge')
      pieces.push(Buffer.from(piece))
    }
    return Buffer.concat(pieces)
  }

  return {
    readPart: (maxBytes) => collect(delimiter, maxBytes),
    passPart: () => pass(delimiter),
    readHead: (maxBytes) => collect(HEAD_END, maxBytes),
    async isLast() {
      while (pending.length < LAST.length) await needMore()
      if (pending.toString('latin1', 0, LAST.length) !== LAST) return false
      pending = pending.subarray(LAST.length)
      return true
    },
    async readEpilogue(maxBytes) {
      let size = 0
      do {
        size += pending.length
        pending = pending.subarray(pending.length)
        if (size > maxBytes) throw new S3Error('MalformedPostRequest')
      } while (await readMore())
    },
    async close() {
      if (isEnded) return
      isEnded = true
      await iterator.return?.()
    },
  }
}

/** How many bytes at the end of `bytes` could be the beginning of `end`. */
function overlap(bytes: Buffer, end: Buffer): number {
  const first = end.subarray(0, 1)
  let at = bytes.indexOf(first, Math.max(0, bytes.length - end.length + 1))
  while (at !== -1) {
    const rest = bytes.subarray(at)
    if (rest.equals(end.subarray(0, rest.length))) return rest.length
    at = bytes.indexOf(first, at + 1)
  }
  return 0
}
