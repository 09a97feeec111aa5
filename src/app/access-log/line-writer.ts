// Lines on their way to a file or pipe. Whoever writes one never waits: when the other side is
// slow or full, lines are held up to a limit, and beyond it they are lost and counted.
import { write } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LineWriter {
  write(line: string): void
  /** Another file takes the lines from now on; resolves when the old one gets no more. */
  moveTo(fd: number): Promise<void>
  /** What is held was written, or lost because that took too long. */
  close(): Promise<void>
}

export type LineWriterOptions = {
  readonly fd: number
  /** Hears how many lines were lost. */
  readonly onLost: (lines: number, error: unknown) => void
  readonly heldLengthMax?: number
  readonly closeWithinMs?: number
}

const HELD_LENGTH_MAX = 8 * 1024 * 1024
/** Pipes keep what is written in one go together up to this, whoever else writes: PIPE_BUF. */
const CHUNK_LENGTH = 4096
/** How long a line may wait for others to be written with. */
const GATHER_MS = 100
const RETRY_MS = 100
const CLOSE_WITHIN_MS = 2000

export function createLineWriter(options: LineWriterOptions): LineWriter {
  const { onLost, heldLengthMax = HELD_LENGTH_MAX, closeWithinMs = CLOSE_WITHIN_MS } = options
  let { fd } = options
  let held: string[] = []
  let heldLength = 0
  let writing: Promise<void> | undefined
  let lastWrite: Promise<void> = Promise.resolve()
  let isClosed = false
  const writeChunk = ({ text, lines }: Chunk): Promise<void> => {
    const to = fd
    const bytes = Buffer.from(text)
    lastWrite = writeAll(bytes, async (rest) => {
      if (isClosed) throw new Error('The log was closed before it was written.')
      return writeSome(to, rest)
    }).catch((error: unknown) => onLost(lines, error))
    return lastWrite
  }
  const writeHeld = async (): Promise<void> => {
    if (heldLength < CHUNK_LENGTH) await sleep(GATHER_MS)
    while (held.length > 0) {
      const chunks = gather(held)
      held = []
      for (const chunk of chunks) {
        await writeChunk(chunk)
        heldLength -= chunk.text.length
      }
    }
    writing = undefined
  }
  return {
    write(line) {
      if (isClosed || heldLength + line.length > heldLengthMax) {
        onLost(1, new Error('What takes the lines does not keep up.'))
        return
      }
      held.push(line)
      heldLength += line.length
      writing ??= writeHeld()
    },
    async moveTo(next) {
      fd = next
      await lastWrite
    },
    async close() {
      await Promise.race([writing, sleep(closeWithinMs, undefined, { ref: false })])
      isClosed = true
    },
  }
}

type Chunk = { readonly text: string; readonly lines: number }

/** Whole lines together, as many as fit into a chunk. */
function gather(lines: readonly string[]): readonly Chunk[] {
  const chunks: { text: string; lines: number }[] = []
  for (const line of lines) {
    const last = chunks.at(-1)
    if (last === undefined || last.text.length + line.length > CHUNK_LENGTH) {
      chunks.push({ text: line, lines: 1 })
    } else {
      last.text += line
      last.lines += 1
    }
  }
  return chunks
}

async function writeAll(
  bytes: Uint8Array,
  writePart: (bytes: Uint8Array) => Promise<number>,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const written = await writePart(bytes.subarray(done))
    if (written === 0) await sleep(RETRY_MS)
    done += written
  }
}

/** How much was taken; 0 by a pipe that is full. */
function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written)
      else if (error.code === 'EAGAIN') resolve(0)
      else reject(error)
    })
  })
}
