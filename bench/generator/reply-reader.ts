// Reads answers from a socket's bytes, as little of them as a load generator needs. Node's own
// client costs more per request than the servers that are measured.

export type Reply = {
  readonly status: number
  readonly bodyBytes: number
  /** Header lines, for the few who ask. */
  readonly head: string
  /** What came, unless it was only to be counted. */
  readonly body: string
}

export type ReplyReader = {
  /** Takes what came; calls back once the reply is whole. */
  push(chunk: Buffer): void
}

export type ReplyExpectation = {
  /** The answer to HEAD announces a body and has none. */
  readonly hasBody: boolean
  readonly keepsBody: boolean
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** A reader of one reply. @see RFC 9112 §6 for where a body ends */
export function readReply(
  expectation: ReplyExpectation,
  done: (reply: Reply) => void,
): ReplyReader {
  let head: string | undefined
  let kept: Buffer = Buffer.alloc(0)
  let body: BodyCounter | undefined
  const pieces: Buffer[] = []
  const take = (chunk: Buffer): void => {
    if (body === undefined || head === undefined) return
    if (expectation.keepsBody) pieces.push(chunk)
    if (!body.push(chunk)) return
    const status = Number(head.slice(9, 12))
    done({ status, bodyBytes: body.bytes(), head, body: Buffer.concat(pieces).toString() })
  }
  return {
    push(chunk) {
      if (head !== undefined) return take(chunk)
      kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
      const end = kept.indexOf(HEAD_END)
      if (end === -1) return
      head = kept.toString('latin1', 0, end)
      body = expectation.hasBody ? countBody(head) : countLength(0)
      take(kept.subarray(end + HEAD_END.length))
    },
  }
}

type BodyCounter = {
  /** Whether the body is whole. */
  push(chunk: Buffer): boolean
  bytes(): number
}

function countBody(head: string): BodyCounter {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return countChunks()
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  return countLength(Number(length))
}

function countLength(length: number): BodyCounter {
  let missing = length
  return {
    push(chunk) {
      missing -= chunk.length
      return missing <= 0
    },
    bytes: () => length - missing,
  }
}

/** Chunks: a length in hex, a line end, the bytes, a line end; the last has none. */
function countChunks(): BodyCounter {
  let bytes = 0
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
  const push = (chunk: Buffer): boolean => {
    let at = 0
    while (at < chunk.length) {
      if (missing > 0) {
        const taken = Math.min(missing, chunk.length - at)
        missing -= taken
        bytes += taken
        at += taken
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
  return { push, bytes: () => bytes }
}
