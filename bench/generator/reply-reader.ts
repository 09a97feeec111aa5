// Reads answers from a socket's bytes, as little of them as a load generator needs. Node's own
// client costs more per request than the servers that are measured.

export type Reply = {
  readonly status: number
  /** Header lines, for the few who ask. */
  readonly head: string
  /** What `content-length` says, also where no body follows. */
  readonly announcedBytes: number
  readonly bodyBytes: number
  /** What came, if it was to be kept or is an error's. */
  readonly body: string
  /** Whether the bytes that were compared are not those that were expected. */
  readonly isDifferent: boolean
}

export type ReplyExpectation = {
  /** The answer to HEAD announces a body and has none. */
  readonly hasBody: boolean
  readonly keepsBody: boolean
  /** What the body must be, as often as it takes. */
  readonly content?: Uint8Array | undefined
}

/** Of every piece that comes, so much is compared: all of a small body, a sample of a large one. */
export const COMPARED_BYTES = 4096

export type ReplyReader = {
  /** The next reply is read as said, and given to `done` once it is whole. */
  expect(expectation: ReplyExpectation, done: (reply: Reply) => void): void
  /** Takes what came; keeps nothing of the buffer. */
  push(chunk: Buffer): void
}

const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING: Buffer = Buffer.alloc(0)

/** @see RFC 9112 §6 for where a body ends */
export function createReplyReader(): ReplyReader {
  let expected: ReplyExpectation | undefined
  let done: (reply: Reply) => void
  let early = NOTHING
  let body: BodyReader | undefined

  const finish = (reply: Reply): void => {
    expected = undefined
    body = undefined
    early = NOTHING
    done(reply)
  }
  const takeHead = (chunk: Buffer, expectation: ReplyExpectation): void => {
    const whole = early.length === 0 ? chunk : Buffer.concat([early, chunk])
    const end = whole.indexOf(HEAD_END)
    if (end === -1) {
      early = Buffer.from(whole)
      return
    }
    body = readBody(whole.toString('latin1', 0, end), expectation)
    if (body.push(whole.subarray(end + HEAD_END.length))) finish(body.reply())
  }
  return {
    expect(expectation, whole) {
      expected = expectation
      done = whole
    },
    push(chunk) {
      if (expected === undefined) throw new Error('The server said more than it was asked.')
      if (body === undefined) takeHead(chunk, expected)
      else if (body.push(chunk)) finish(body.reply())
    },
  }
}

type BodyReader = {
  /** Whether the body is whole. */
  push(chunk: Buffer): boolean
  reply(): Reply
}

function readBody(head: string, expectation: ReplyExpectation): BodyReader {
  const status = Number(head.slice(9, 12))
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  const announcedBytes = Number(length)
  const { content } = expectation
  const isKept = expectation.keepsBody || status >= 300
  const pieces: Buffer[] = []
  let bodyBytes = 0
  let isDifferent = false
  const take = (piece: Buffer): void => {
    if (isKept) pieces.push(Buffer.from(piece))
    if (content !== undefined) isDifferent ||= differs(piece, { content, at: bodyBytes })
    bodyBytes += piece.length
  }
  const framing = !expectation.hasBody
    ? countLength(0, take)
    : /\r\ntransfer-encoding: *chunked/i.test(head)
      ? readChunks(take)
      : countLength(announcedBytes, take)
  const reply = (): Reply => {
    const text = isKept ? Buffer.concat(pieces).toString() : ''
    return { status, head, announcedBytes, bodyBytes, body: text, isDifferent }
  }
  return { push: framing, reply }
}

type Expected = { readonly content: Uint8Array; readonly at: number }

function differs(piece: Buffer, { content, at }: Expected): boolean {
  const from = content.length === 0 ? 0 : at % content.length
  const length = Math.min(piece.length, COMPARED_BYTES, content.length - from)
  return piece.compare(content, from, from + length, 0, length) !== 0
}

type Take = (piece: Buffer) => void

function countLength(length: number, take: Take): (chunk: Buffer) => boolean {
  let missing = length
  return (chunk) => {
    if (chunk.length > missing) throw new Error('A body is longer than it was announced.')
    missing -= chunk.length
    if (chunk.length > 0) take(chunk)
    return missing === 0
  }
}

/** Chunks: a length in hex, a line end, the bytes, a line end; the last has none. */
function readChunks(take: Take): (chunk: Buffer) => boolean {
  let missing = 0
  let line = ''
  let isLast = false
  const readLine = (): boolean => {
    if (isLast) return line === ''
    const size = Number.parseInt(line, 16)
    // The empty line after a chunk's bytes says nothing.
    if (line !== '') isLast = size === 0
    if (line !== '' && !isLast) missing = size
    line = ''
    return false
  }
  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (missing > 0) {
        const piece = chunk.subarray(at, at + missing)
        missing -= piece.length
        at += piece.length
        take(piece)
        continue
      }
      const end = chunk.indexOf('\n', at)
      line += chunk.toString('latin1', at, end === -1 ? chunk.length : end).replace('\r', '')
      if (end === -1) return false
      at = end + 1
      if (readLine()) return true
    }
    return false
  }
}
